"""The dashboard's own styles, beside those of the reports."""

from swingbreak.reporting.style import STYLE

__all__ = ["SHEET"]

SHEET = (
    STYLE
    + """
main{max-width:64rem}
nav{border-bottom:1px solid var(--grid)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:0 .25rem;max-width:64rem;margin:0 auto;
padding:.25rem .5rem}
nav a{display:block;padding:.65rem .5rem;text-decoration:none;color:var(--soft)}
nav a[aria-current]{color:var(--ink);font-weight:600;border-bottom:2px solid var(--blue)}
nav a:hover,nav a:focus-visible{color:var(--ink)}
h1{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline}
h2{margin-top:2rem}
.pill{font-size:.8rem;font-weight:600;padding:.15rem .6rem;border:1px solid var(--edge);
border-radius:1rem;white-space:nowrap}
.pill.running{border-color:var(--green);color:var(--green)}
.pill.trouble{border-color:var(--red);color:var(--red);background:var(--alarm)}
.pill.real{border-color:var(--red);color:var(--red)}
header .banner,.banner{margin:.75rem 0;padding:.5rem .75rem;border-left:4px solid var(--amber);
background:var(--synthetic)}
.banner.alarmed{border-left-color:var(--red);background:var(--alarm)}
.empty{padding:1.25rem 1rem;border:1px dashed var(--edge);color:var(--soft);text-align:center}
.unprotected td,.unprotected th{background:var(--alarm)}
.best td,.best th{background:var(--held)}
.meter{display:block;height:.5rem;width:7rem;max-width:100%}
.meter .room{fill:var(--grid)}.meter .used{fill:var(--blue)}.meter .over{fill:var(--red)}
.gauge .low{fill:var(--red)}.gauge .high{fill:var(--green)}.gauge .room{fill:var(--grid)}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:0 2rem}
.events{list-style:none;margin:0;padding:0;font-size:.875rem}
.events li{display:grid;grid-template-columns:4.5rem minmax(0,1fr);gap:0 .5rem;padding:.3rem .5rem;
border-bottom:1px solid var(--grid)}
.events time{color:var(--soft);font-variant-numeric:tabular-nums}
.events b{font-weight:500;margin-right:.5rem}
.events span{overflow-wrap:anywhere}
.events .trouble{border-left:3px solid var(--red);background:var(--alarm)}
.steps{display:flex;flex-wrap:wrap;gap:.25rem .5rem;align-items:baseline;margin:.25rem 0 .75rem}
.steps b{font-size:1.15rem;font-variant-numeric:tabular-nums}
.steps span{color:var(--soft)}
figure{max-width:48rem}
.gauge{max-width:48rem;margin-top:1rem}
tbody td:last-child:not(.number),.why{min-width:10rem}
summary{flex-wrap:nowrap}
tbody th a{white-space:nowrap}
form{border:1px solid var(--grid);padding:1rem;margin:0 0 1rem}
form.danger{border-color:var(--red)}
form h2{margin:0 0 .25rem}
form label{display:block;margin:.5rem 0 0;font-size:.9rem;color:var(--soft)}
input[type=text]{display:block;width:100%;max-width:28rem;font:inherit;padding:.5rem;
border:1px solid var(--edge);background:var(--paper);color:var(--ink)}
button{font:inherit;font-weight:600;margin-top:.75rem;padding:.55rem 1.1rem;min-height:2.75rem;
border:1px solid var(--edge);background:var(--held);color:var(--ink);cursor:pointer}
.danger button{border-color:var(--red);background:var(--alarm);color:var(--red)}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
#lost{position:sticky;top:0;z-index:1;margin:0;padding:.5rem 1rem;background:var(--alarm);
border-bottom:2px solid var(--red)}
#lost[hidden]{display:none}
svg .tick.mark{fill:var(--ink)}
@media (max-width:480px){nav ul{padding:.1rem .25rem;gap:0}
nav a{padding:.7rem .45rem;font-size:.9rem}
h1{padding-top:.25rem}.events li{grid-template-columns:4rem minmax(0,1fr)}}
"""
)
