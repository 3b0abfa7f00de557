"""The style sheet of every page.

Rules of this file:

1. A colour means one thing: blue our fills and the result, amber the swing low, violet the VWAP,
   red a stop, a loss or an alarm, green a gain. Nothing is said by colour alone.
2. Text stands out from its ground by 4.5 to 1 at least, light and dark; paper is always light.
3. Labels in charts are sized against the viewBox: the narrower the screen, the larger.
"""

__all__ = ["STYLE"]

_LIGHT = """color-scheme:light;--paper:#fff;--ink:#1b1f24;--soft:#59636e;--grid:#e4e7eb;
--edge:#b9c0c8;--blue:#0a5fb4;--held:#e9f1fa;--amber:#8f5a00;--violet:#8247b8;--red:#b3261e;
--green:#1a6e36;--alarm:#fdecea;--synthetic:#fff3cd"""
_DARK = """color-scheme:dark;--paper:#14171b;--ink:#e6e9ec;--soft:#9aa4af;--grid:#2a3037;
--edge:#4d5762;--blue:#6cb0f5;--held:#1b2836;--amber:#e5ad4b;--violet:#c39bf0;--red:#ff8a80;
--green:#6fcf8e;--alarm:#3a1c1a;--synthetic:#3a3113"""

# What the reader's system asks for, unless a choice on the page says otherwise; paper is light.
_COLOURS = f"""
:root{{{_LIGHT}}}
@media screen and (prefers-color-scheme:dark){{
:root{{{_DARK}}}
:root:has(#colours-light:checked){{{_LIGHT}}}}}
@media screen{{:root:has(#colours-dark:checked){{{_DARK}}}}}
"""

STYLE = (
    _COLOURS
    + """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{overflow-x:clip;max-width:48rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1,h2,h3{line-height:1.25;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:0 0 .25rem}
h2{font-size:1.2rem;margin:2.5rem 0 .5rem}
h3{font-size:1rem;margin:0 0 .25rem}
header p{margin:0 0 .5rem;color:var(--soft)}
p{margin:.25rem 0 .75rem}
a{color:var(--blue)}
code{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;font-size:.95em;
overflow-wrap:anywhere}
footer{margin-top:2.5rem;color:var(--soft);font-size:.875rem}
header{position:relative}
.colours{float:right;margin:0 0 .5rem 1rem;padding:0;border:0;color:var(--soft);font-size:.8rem}
.colours label{display:inline-block;padding:.1rem .15rem;cursor:pointer}
.colours input{margin:0 .2rem 0 .35rem;vertical-align:-.1em;accent-color:var(--blue)}
header .banner{margin:.75rem 0 0;padding:.5rem .75rem;border-left:4px solid var(--amber);
background:var(--synthetic);color:var(--ink)}
.alarm{--ground:var(--alarm);background:var(--ground);margin-top:1rem;padding:.75rem 1rem;
border:2px solid var(--red)}
.alarm h2{margin:0;color:var(--red)}
.lead,figcaption,.key{color:var(--soft);font-size:.9rem}
.good{color:var(--green)}.bad{color:var(--red)}
.good,.bad,.number{font-variant-numeric:tabular-nums;white-space:nowrap}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:0 1rem;
margin:1.25rem 0 0}
dl div{padding:.5rem 0 .6rem;border-top:1px solid var(--grid)}
dl .big{border-top-color:var(--edge)}
dt{color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}
dd{margin:0;overflow-wrap:anywhere}
dd .good,dd .bad{white-space:normal}
.big dd{font-size:1.4rem;font-weight:600;line-height:1.3}
dd small{display:block;color:var(--soft);font-size:.875rem;font-weight:400;white-space:nowrap}
.scroll{overflow-x:auto;position:relative;background:
linear-gradient(to left,var(--ground,var(--paper)) 50%,transparent) right/2rem 100% no-repeat local,
linear-gradient(to left,var(--edge),transparent) right/.75rem 100% no-repeat scroll}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{padding:.4rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
thead th{border-bottom-color:var(--edge);color:var(--soft);font-weight:500;white-space:nowrap}
tbody th{font-weight:500}
tfoot th,tfoot td{border-bottom:0;border-top:1px solid var(--edge);font-weight:600}
.number{text-align:right}
td small,th small{display:block;color:var(--soft);font-size:.75rem;font-weight:400}
.remarks{list-style:none;margin:.5rem 0;padding:0}
.remarks li{padding:.35rem .75rem;margin:.35rem 0;border-left:4px solid var(--edge)}
.remarks .warning{border-left-color:var(--amber);background:var(--synthetic)}
tbody .group{padding-top:1rem;color:var(--soft);font-size:.8rem}
.part{padding-left:1rem}
details{border-top:1px solid var(--grid)}
summary{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.5rem 0;cursor:pointer}
summary::before{content:"\\25b8";color:var(--soft)}
details[open]>summary::before{content:"\\25be"}
summary b{min-width:9rem;font-weight:500}
figure{margin:1rem 0 2.25rem}
figure[id]{scroll-margin-top:1rem}
figcaption{margin-top:.25rem}
.key{list-style:none;margin:0 0 1.5rem;padding:0}
.key li{position:relative;padding-left:2.25rem}
.inline li{display:inline-block;margin-right:1.25rem}
.swatch{position:absolute;left:0;top:.3rem;width:1.6rem;height:.8rem}
.swatch.vwap,.swatch.swing,.swatch.stop{height:.4rem;border-bottom:2px solid}
.swatch.vwap{border-color:var(--violet)}
.swatch.swing{border-color:var(--amber)}
.swatch.stop{border-bottom-style:dashed;border-color:var(--red)}
.swatch.fill{background:var(--held);border:solid var(--blue);border-width:0 1px}
.swatch.headline,.swatch.other-1,.swatch.other-2,.swatch.median{height:.4rem;
border-bottom:2px solid var(--blue)}
.swatch.other-1,.swatch.median{border-bottom:2px dashed var(--soft)}
.swatch.other-2{border-bottom:2px dotted var(--soft)}
.swatch.wide{background:var(--blue);opacity:.14}
.swatch.narrow{background:var(--blue);opacity:.32}
.swatch.gained{width:.8rem;left:.4rem;background:var(--green)}
.swatch.fell{width:.8rem;left:.4rem;background:linear-gradient(var(--red) 40%,var(--paper) 40% 60%,
var(--red) 60%)}
.swatch.idle{width:.8rem;left:.4rem;background:var(--grid)}
.swatch.candle{width:.5rem;left:.55rem;border:1px solid var(--soft)}
svg{display:block;width:100%;height:auto;overflow:visible;font-size:11px;
font-variant-numeric:tabular-nums}
svg text{fill:var(--ink)}
svg .tick{fill:var(--soft)}
svg .middle{dominant-baseline:central}
svg .strong{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px;
stroke-linejoin:round}
svg path,svg line,svg circle{vector-effect:non-scaling-stroke}
svg .curve,svg .vwap,svg line{fill:none;stroke-width:1.5}
svg .grid{stroke:var(--grid);stroke-width:1}
svg .zero{stroke:var(--edge);stroke-width:1.5}
svg .curve{stroke:var(--blue);stroke-width:2;stroke-linejoin:round}
svg .won,svg .lost{stroke:var(--blue);stroke-width:1}
svg .won{fill:var(--blue)}svg .lost{fill:var(--paper)}
svg .held{fill:var(--held)}
svg .up,svg .down{stroke:var(--soft);stroke-width:1}
svg .up{fill:var(--paper)}svg .down{fill:var(--soft)}
svg .vwap{stroke:var(--violet)}
svg .swing{stroke:var(--amber);stroke-width:2}
svg circle.swing{fill:var(--paper)}
svg .stop{stroke:var(--red);stroke-width:2;stroke-dasharray:6 4}
svg path.fill{fill:var(--blue);stroke:var(--paper)}
svg line.fill{stroke:var(--blue)}
svg .leader{stroke-width:1;stroke-dasharray:none}
svg .mark{stroke:none}
svg .other-1,svg .other-2,svg .median{fill:none;stroke:var(--soft);stroke-width:1.5}
svg .other-1,svg .median{stroke-dasharray:7 4}
svg .other-2{stroke-dasharray:2 3}
svg text.other-1,svg text.other-2{fill:var(--soft);stroke:none}
svg .wide{fill:var(--blue);fill-opacity:.14}
svg .narrow{fill:var(--blue);fill-opacity:.2}
svg .under{fill:var(--red);fill-opacity:.2;stroke:var(--red);stroke-width:1.5}
svg .gained{fill:var(--green)}svg .fell{fill:var(--red)}svg .idle{fill:var(--grid)}
svg .part{fill:var(--soft)}
svg .shade-1{fill-opacity:.3}svg .shade-2{fill-opacity:.55}svg .shade-3{fill-opacity:.8}
svg .minus{fill:none;stroke:var(--paper);stroke-width:1.5}
svg .mean{stroke:var(--blue);stroke-width:2;stroke-dasharray:6 4}
svg text.mean{fill:var(--blue);stroke:none}
svg text.under{fill:var(--red);fill-opacity:1;stroke:none}
svg .range{stroke:var(--blue);stroke-width:3}svg .point{fill:var(--blue)}
svg.mini{width:7rem;height:.8rem;margin-top:.3rem;overflow:hidden}
svg text.vwap{fill:var(--violet)}svg text.swing{fill:var(--amber)}
svg text.stop{fill:var(--red)}svg text.fill{fill:var(--blue)}
@media (max-width:640px){svg{font-size:14px}svg .word{display:none}}
@media (max-width:480px){svg{font-size:18px}
main{padding:1rem .75rem 2rem}.big dd{font-size:1.25rem}svg.mini{width:4.5rem}
h1{font-size:1.35rem}}
@media print{@page{margin:14mm}body{font-size:10.5pt}main{max-width:none;padding:0}
figure,tr,dl div,.alarm,.banner,.lead,.key{break-inside:avoid}h2,h3,.lead,.key{break-after:avoid}
.scroll{overflow:visible;background:none}.colours{display:none}
a{color:inherit;text-decoration:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
)
