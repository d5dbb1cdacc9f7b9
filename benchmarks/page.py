"""What a visitor waits for: from the photo's arrival in the page to the results drawn, in real Chromium.

    python -m benchmarks.page --store STORE --photos FOLDER [--count 25]

The 10,024 photos of four sets as a store: ``python -m benchmarks.stores --only all``.
Server, browser and this script share the machine. The first three photos warm up and are not counted; it is
waited until the server has learnt what it learns after its start.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.served import read_photos, server
from playwright.sync_api import Page, sync_playwright

RESULTS = Path(__file__).parent / "results" / "page.json"
WARM = 3
WATCH = """() => {
  window.taken = null;
  const input = document.querySelector("input[type=file]");
  input.addEventListener("change", () => {
    const begun = performance.now();
    const watch = new MutationObserver(() => {
      if (!/items in \\d+ ms/.test(document.body.innerText)) return;
      window.taken = performance.now() - begun;
      watch.disconnect();
    });
    watch.observe(document.body, { subtree: true, childList: true, characterData: true });
  }, { capture: true, once: true });
}"""


def waited_ms(page: Page, address: str, photo: bytes) -> float:
    """Milliseconds from the change of the file input to the line above the drawn results."""
    page.goto(address)
    page.wait_for_selector("article, .card")
    page.evaluate(WATCH)
    sent = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo}
    page.set_input_files("input[type=file]", sent)  # type: ignore[arg-type]
    while (taken := page.evaluate("() => window.taken")) is None:
        page.wait_for_timeout(20)
    return float(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--count", type=int, default=25)
    options = parser.parse_args()
    photos = read_photos(options.photos, options.count + WARM)
    with server(options.store) as (_, port), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        address = f"http://127.0.0.1:{port}/"
        with page.expect_response("**/v1/categorise", timeout=120_000):  # learnt right after the start
            waited_ms(page, address, photos[0])
        taken = [waited_ms(page, address, photo) for photo in photos[1:]][WARM - 1 :]
        browser.close()
    taken.sort()
    found = {
        "machine": describe(),
        "photos": len(taken),
        "median_ms": round(statistics.median(taken), 1),
        "p90_ms": round(taken[int(0.9 * len(taken))], 1),
        "most_ms": round(taken[-1], 1),
    }
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
