"""What goes with what: complementary items from what was bought, worn or furnished together."""
