"""Whether an answer is as sure as it says: open-set curves, calibration error, difficulty."""
