"""The style sheet of every page.

Rules of this file:

1. A colour means one thing: blue our fills and the result, amber the swing low, violet the VWAP,
   red a stop, a loss or an alarm, green a gain. Nothing is said by colour alone.
2. Text stands out from its ground by 4.5 to 1 at least, light and dark; paper is always light.
3. Labels in charts are sized against the viewBox: the narrower the screen, the larger.
"""

__all__ = ["STYLE"]

STYLE = """
:root{--paper:#fff;--ink:#1b1f24;--soft:#59636e;--grid:#e4e7eb;--edge:#b9c0c8;
--blue:#0a5fb4;--held:#e9f1fa;--amber:#8f5a00;--violet:#8247b8;--red:#b3261e;--green:#1a6e36;
--alarm:#fdecea;--synthetic:#fff3cd}
@media screen and (prefers-color-scheme:dark){
:root{--paper:#14171b;--ink:#e6e9ec;--soft:#9aa4af;--grid:#2a3037;--edge:#4d5762;
--blue:#6cb0f5;--held:#1b2836;--amber:#e5ad4b;--violet:#c39bf0;--red:#ff8a80;--green:#6fcf8e;
--alarm:#3a1c1a;--synthetic:#3a3113}}
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
dt{color:var(--soft);font-size:.8rem}
dd{margin:0;overflow-wrap:anywhere}
dd .good,dd .bad{white-space:normal}
.big dd{font-size:1.4rem;font-weight:600;line-height:1.3}
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
figure{margin:1rem 0 2.25rem}
figure[id]{scroll-margin-top:1rem}
figcaption{margin-top:.25rem}
.key{list-style:none;margin:0 0 1.5rem;padding:0}
.key li{position:relative;padding-left:2.25rem}
.swatch{position:absolute;left:0;top:.3rem;width:1.6rem;height:.8rem}
.swatch.vwap,.swatch.swing,.swatch.stop{height:.4rem;border-bottom:2px solid}
.swatch.vwap{border-color:var(--violet)}
.swatch.swing{border-color:var(--amber)}
.swatch.stop{border-bottom-style:dashed;border-color:var(--red)}
.swatch.fill{background:var(--held);border:solid var(--blue);border-width:0 1px}
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
svg text.vwap{fill:var(--violet)}svg text.swing{fill:var(--amber)}
svg text.stop{fill:var(--red)}svg text.fill{fill:var(--blue)}
@media (max-width:640px){svg{font-size:14px}svg .word{display:none}}
@media (max-width:480px){svg{font-size:18px}
main{padding:1rem .75rem 2rem}h1{font-size:1.35rem}}
@media print{@page{margin:14mm}body{font-size:10.5pt}main{max-width:none;padding:0}
figure,tr,dl div,.alarm,.banner{break-inside:avoid}h2,h3{break-after:avoid}
.scroll{overflow:visible;background:none}a{color:inherit;text-decoration:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
