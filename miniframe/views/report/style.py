"""The style of the pages that `html` makes: light and dark, from a phone's width up, nothing from elsewhere."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root{color-scheme:light dark;--paper:#f6f5f2;--card:#fff;--ink:#1d2026;--soft:#5c6270;--line:#e2e0da;
--accent:#c2341d;
--accent-soft:#fdeee9;--hint:#0b6b52;--hint-soft:#e6f5ef;--code:#faf9f6;--hit:#fff1d6;--mark:#ffcf70;--mark-ink:#2a1a00;
--keyword:#8a2fb0;--string:#186a3b;--comment:#6c7280;--number:#a3480a;--chip:#efede7}
@media(prefers-color-scheme:dark){:root{--paper:#14161a;--card:#1c1f25;--ink:#e8e9ee;--soft:#9ca3b2;--line:#2e323b;
--accent:#ff8a6b;
--accent-soft:#351d17;--hint:#6fd6b4;--hint-soft:#12302a;--code:#171a1f;--hit:#3a2f17;--mark:#b27a1a;--mark-ink:#fff6e5;
--keyword:#d5a3f0;--string:#8fd6a4;--comment:#858c9b;--number:#f2b27a;--chip:#292d36}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
-webkit-text-size-adjust:100%;text-size-adjust:100%}
main{max-width:68rem;margin:0 auto;padding:clamp(1rem,4vw,2.5rem) clamp(.75rem,3vw,1.5rem) 4rem}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
h1,h2,h3,p{margin:0}
h1{font-size:clamp(1.5rem,5vw,2.25rem);line-height:1.15;letter-spacing:-.02em;overflow-wrap:anywhere}
h1 .module{color:var(--soft);font-weight:500;font-size:.62em;letter-spacing:0;display:block;margin-bottom:.15rem}
h2{font-size:1.05rem;margin:2.25rem 0 .75rem}
h2 small{font-weight:400;color:var(--soft);margin-left:.4rem;font-size:.85em}
a{color:inherit}
.hero{border-top:4px solid var(--accent);background:var(--card);border-radius:.75rem;padding:clamp(1rem,3vw,1.75rem);
box-shadow:0 1px 2px rgb(0 0 0/.06),0 0 0 1px var(--line)}
.calm .hero{border-top-color:var(--hint)}
.eyebrow{display:flex;flex-wrap:wrap;gap:.35rem .6rem;align-items:baseline;color:var(--soft);font-size:.9rem;
margin-bottom:.8rem;overflow-wrap:anywhere}
.asked{flex:1 1 0;min-width:min(100%,14rem)}
#copy{font:inherit;font-size:.85rem;color:var(--soft);background:none;border:1px solid var(--line);border-radius:.45rem;
padding:.15rem .7rem;cursor:pointer}
#copy:hover{color:var(--ink);border-color:var(--soft)}
[hidden]{display:none!important}
a.loc{text-decoration-color:var(--line);text-underline-offset:.2em}
a.loc:hover{color:var(--ink);text-decoration-color:currentcolor}
#copy:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.3rem}
.facts .loc{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
kbd{font:inherit;font-size:.8rem;background:var(--chip);border-radius:.3rem;padding:.05rem .4rem}
.status{background:var(--accent-soft);color:var(--accent);font-weight:700;border-radius:.4rem;padding:.05rem .5rem}
.calm .status{background:var(--hint-soft);color:var(--hint)}
.message{font-size:1.08rem;margin-top:.7rem;white-space:pre-wrap;overflow-wrap:anywhere;max-height:24rem;
overflow:auto}
.note{margin-top:.5rem;color:var(--soft);white-space:pre-wrap;overflow-wrap:anywhere}
.chain{margin-top:.8rem;color:var(--soft);font-size:.92rem;overflow-wrap:anywhere}
.hint{margin-top:.75rem;background:var(--hint-soft);border-radius:.6rem;padding:.7rem 1rem;overflow-wrap:anywhere}
.hint b{color:var(--hint);margin-right:.4rem}
.hint code,.lead code,.message code,.card p code{background:rgb(127 127 127/.14);border-radius:.3rem;
padding:.08em .35em}
.facts{margin:.9rem 0 0;display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;font-size:.92rem}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
details{background:var(--card);border-radius:.6rem;box-shadow:0 0 0 1px var(--line);margin:.5rem 0;overflow:hidden}
summary{cursor:pointer;padding:.6rem .9rem;list-style:none;overflow-wrap:anywhere}
summary::-webkit-details-marker{display:none}
summary::before{content:"";display:inline-block;width:.42rem;height:.42rem;border-right:2px solid var(--soft);
border-bottom:2px solid var(--soft);
transform:rotate(-45deg);margin:0 .6rem .12rem 0;transition:transform .12s}
details[open]>summary::before{transform:rotate(45deg)}
summary small{color:var(--soft);margin-left:.3rem}
summary:focus-visible{outline:2px solid var(--accent);outline-offset:-2px;border-radius:.6rem}
.frame>summary .fn{font-weight:650}
.frame>summary .loc{color:var(--soft);font-size:.88rem;margin-left:.5rem}
.frame>summary .line{display:block;margin:.2rem 0 0 1.05rem;color:var(--soft);white-space:nowrap;overflow:hidden;
text-overflow:ellipsis}
.frame[open]>summary .line{display:none}
.frame.project{border-left:3px solid var(--accent)}
.fold{background:none;box-shadow:none;border-radius:0;overflow:visible}
.fold>summary{color:var(--soft);font-size:.9rem;padding:.3rem .9rem}
.fold .frame>summary .fn{font-weight:500}
pre{margin:0;overflow-x:auto;background:var(--code);border-top:1px solid var(--line);padding:.5rem 0;line-height:1.6;
tab-size:4}
pre .l{display:block;width:max-content;min-width:100%;padding-right:1rem}
pre .n{display:inline-block;width:3.6rem;padding-right:1rem;text-align:right;color:var(--soft);user-select:none}
pre .hit{background:var(--hit)}
pre .hit .n{color:var(--accent);font-weight:700}
pre mark{background:var(--mark);color:var(--mark-ink);border-radius:.2rem;padding:.1em 0}
pre mark *{color:inherit!important}
pre.plain{border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem;margin-top:.8rem}
.k{color:var(--keyword)}.s{color:var(--string)}.c{color:var(--comment);font-style:italic}.d{color:var(--number)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.32rem .9rem;border-top:1px solid var(--line)}
th{font-weight:500;color:var(--soft);width:12rem;overflow-wrap:anywhere}
td{overflow-wrap:anywhere;white-space:pre-wrap}
td code,th code{font-size:.92em}
.routes td:first-child{width:70%}
.near td{background:var(--hint-soft)}
.empty{color:var(--soft);padding:.45rem .9rem;border-top:1px solid var(--line);font-size:.9rem}
.card{background:var(--card);border-radius:.75rem;box-shadow:0 0 0 1px var(--line);padding:clamp(1rem,3vw,1.5rem);
margin-top:1rem}
.card h2{margin:0 0 .4rem}
.lead{font-size:1.1rem;margin-top:.7rem;color:var(--soft)}
footer{margin-top:2.5rem;color:var(--soft);font-size:.88rem}
footer p+p{margin-top:.35rem}
@media(hover:none){.keys{display:none}}
@media(max-width:40rem){th{width:auto;display:block;padding-bottom:0}td{display:block;border-top:0;padding-top:.1rem}
.routes td:empty{display:none}
.routes tr{display:block;border-top:1px solid var(--line);padding:.25rem 0}.routes td:first-child{width:auto}
pre .n{width:2.6rem;padding-right:.6rem}.frame>summary .loc{display:block;margin:.1rem 0 0 1.05rem}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{details>*{display:block}body{background:#fff}}
"""
