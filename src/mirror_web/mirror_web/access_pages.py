"""The two small pages for those who are not inside yet: no part of NiceGUI, whose files they may not load."""

from __future__ import annotations

from html import escape

from mirror_web.catalogue import Texts, spoken_language
from mirror_web.security_headers import page_nonce

__all__ = ["pair_page", "refused_page"]

TEXTS = Texts("access")
BRAND = Texts("shell")
STYLE = """
body { margin: 0; min-height: 100vh; display: flex; align-items: center; justify-content: center;
  background: #0b0d10; color: #e8ecf1; font: 16px/1.5 system-ui, sans-serif; color-scheme: dark; }
main { max-width: 26rem; padding: 2rem 1.5rem; }
h1 { font-size: 1.4rem; margin: 0 0 .75rem; }
p { margin: 0 0 1.5rem; color: #b6c0cc; }
button { font: inherit; font-weight: 600; padding: .8rem 1.6rem; border: 0; border-radius: .75rem;
  background: #ffbe5c; color: #1b1307; }
button:focus-visible { outline: 3px solid #e8ecf1; outline-offset: 3px; }
"""


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="{escape(spoken_language())}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · {escape(BRAND['brand'])}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )


def refused_page(sentence: str) -> str:
    """Says why nobody comes in here."""
    return _page(TEXTS["refused_title"], f"<p>{escape(sentence)}</p>")


def pair_page(code: str) -> str:
    """Hands the code in at once, by a script, or by a button where scripts are off.

    Opening a link does not use it up, because messengers and scanners open links to show what is behind. And
    what follows from this page's own form is no visit from another site, so that the browser sends the new
    cookie along even where the link was followed in another site's page.
    """
    form = (
        '<form method="post" action="/pair">'
        f'<input type="hidden" name="code" value="{escape(code)}">'
        f"<button>{escape(TEXTS['pair_button'])}</button></form>"
    )
    script = f'<script nonce="{page_nonce()}">document.forms[0].submit()</script>'
    return _page(TEXTS["pair_title"], f"<p>{escape(TEXTS['pair_hint'])}</p>{form}{script}")
