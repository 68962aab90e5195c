"""The few lines of script on an error page, and the policy that lets them run and nothing else.

The script copies the report as Markdown and moves between calls by keys.  Without it the page is whole: it only shows
what needs it when it runs.  The policy knows it by its hash, so a page is the same text each time.

Source: W3C Content Security Policy Level 3, sections 2.3.1 and 6.7.3.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode

__all__ = ["SCRIPT", "policy"]

SCRIPT = """
(() => {
  const button = document.getElementById("copy"), text = document.getElementById("markdown");
  const label = button.textContent;
  async function copy() {
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      // Browsers keep the clipboard from pages of plain HTTP that come from another machine.
      text.closest("details").open = true;
      getSelection().selectAllChildren(text);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  }
  function go(step) {
    const folded = ".fold:not([open]) .frame>summary";
    const calls = [...document.querySelectorAll(".frame>summary")].filter(call => !call.matches(folded));
    const at = calls.indexOf(document.activeElement);
    const next = calls[at < 0 ? 0 : Math.min(Math.max(at + step, 0), calls.length - 1)];
    if (next) { next.focus(); next.scrollIntoView({block: "nearest"}); }
  }
  function unfold() {
    const folds = [...document.querySelectorAll(".fold")], open = folds.some(fold => !fold.open);
    for (const fold of folds) fold.open = open;
  }
  const keys = {c: copy, f: unfold, j: () => go(1), k: () => go(-1)};
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  button.addEventListener("click", copy);
  for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
})();
"""

_HASH = b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()


def policy() -> str:
    """Return the Content-Security-Policy of a page of ours: whatever of a request is shown on it can do nothing.

    The nonce is a new one each time.  The page does not use it: it is for what the development server puts into
    pages, the script that loads them again after a change, which may ask this site and nobody else.
    """
    nonce = b64encode(os.urandom(16), altchars=b"-_").rstrip(b"=").decode()
    return (
        f"default-src 'none'; script-src 'sha256-{_HASH}' 'nonce-{nonce}'; connect-src 'self'; "
        # The picture is the empty one in place of /favicon.ico.
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
