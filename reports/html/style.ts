/** The style sheet: dark and light by what the reader's system says, narrow and wide, and for paper. */
export const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d8dee4;--soft:#f6f8fa;--link:#0550ae;
--safe:#56b4e9;--unsafe:#0072b2;--newer:#e69f00;--manual:#c2410c;--on-safe:#001a2b;--on-unsafe:#fff;--on-newer:#241800;
--on-manual:#fff;--mass0:#0b5c8f;--mass1:#3d4f8a;--mark:#ffe69a;--add:#e3f6e5;--del:#fdeae7;
--h1:#eef4fa;--h2:#d6e6f4;--h3:#b3d1ea;--h4:#7fb3da;--h5:#0b5c8f;--on-h5:#fff}
@media(prefers-color-scheme:dark){:root{--bg:#0f1216;--fg:#e3e7ec;--dim:#9aa5b1;--line:#2c333b;--soft:#171b21;
--link:#79b8ff;
--safe:#7cc7f2;--unsafe:#2b8fd6;--newer:#f0b429;--manual:#e8703a;--on-unsafe:#00121f;--on-manual:#1f0a00;
--mass0:#1d6fa5;
--mass1:#5566ab;--mark:#463800;--add:#10301a;--del:#3d1714;--h1:#16202a;--h2:#193047;--h3:#1c4365;--h4:#2a6796;
--h5:#8cc8f0;--on-h5:#00121f}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans",sans-serif;
overflow-wrap:break-word}
a{color:var(--link)}
.page{max-width:76rem;margin:0 auto;padding:0 1.25rem 4rem}
header{padding:2.25rem 0 .75rem;border-bottom:1px solid var(--line)}
h1{margin:0;font-size:1.65rem;line-height:1.2;letter-spacing:-.015em;font-weight:650}
header p{margin:.4rem 0 0;color:var(--dim);font-size:.9rem}
nav ul{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;list-style:none;margin:.9rem 0 0;padding:0;font-size:.9rem}
nav a{display:inline-block;padding:.25rem 0;text-decoration:none}
nav a:hover{text-decoration:underline}
section{margin-top:3rem}
h2{margin:0 0 .5rem;font-size:1.3rem;line-height:1.3;letter-spacing:-.01em;font-weight:650}
h3{margin:1.75rem 0 .6rem;font-size:1rem;font-weight:650}
.headline{font-size:clamp(1.5rem,4.2vw,2.1rem);margin-bottom:1.1rem;letter-spacing:-.02em}
p{margin:.5rem 0;max-width:46rem}
.note,.more{color:var(--dim);font-size:.9rem}
code,pre,.path,.at{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
.path{overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(4,1fr);gap:1rem 2rem;margin:0 0 2rem}
.figures div{display:flex;flex-direction:column;border-top:2px solid var(--fg);padding-top:.6rem}
.figures dt{order:2;font-size:.95rem}
.figures dd{margin:0;order:1;display:contents}
.figures strong{font-size:2rem;line-height:1.15;font-weight:600;letter-spacing:-.02em;
font-variant-numeric:tabular-nums;order:1}
.figures span{order:3;color:var(--dim);font-size:.85rem}
.scroll{overflow-x:auto;margin:1rem 0;position:relative}td{position:relative}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.4}
caption,.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;
font-weight:400}
thead th{color:var(--dim);font-size:.8rem;white-space:nowrap;vertical-align:bottom}
tbody th{min-width:7rem}
tbody th code{white-space:nowrap}tbody td{min-width:4.5rem}td .path,td code{overflow-wrap:break-word}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.n,th.n{padding-left:.5rem}
.matrix th,.matrix td{padding:.35rem .5rem;border:1px solid var(--bg)}
.matrix tbody th{position:sticky;left:0;background:var(--bg);max-width:18rem;min-width:8rem}
.matrix .target{color:var(--fg);font-weight:700;box-shadow:inset 0 -2px var(--fg)}
.matrix .old{font-style:italic}
.h0{color:var(--dim)}.h1{background:var(--h1)}.h2{background:var(--h2)}.h3{background:var(--h3)}
.h4{background:var(--h4);color:#00121f}.h5{background:var(--h5);color:var(--on-h5)}
@media(prefers-color-scheme:dark){.h4{color:#fff}}
svg{display:block;overflow:visible}
svg svg{overflow:hidden}
.plot{margin:1rem 0 .5rem;font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.share{min-width:5rem;display:inline-block;width:6rem;vertical-align:middle;margin-right:.5rem}
.pct{font-variant-numeric:tabular-nums;white-space:nowrap}
text{fill:var(--fg)}
.axis,.tick{fill:var(--dim);font-size:12px}
.marked{fill:var(--fg);font-weight:700}
.value{font-weight:600;font-variant-numeric:tabular-nums}
.grid{stroke:var(--fg);stroke-opacity:.18}.base{stroke:var(--dim)}
.e-safe{fill:var(--safe)}.e-unsafe{fill:var(--unsafe)}.e-newer{fill:var(--newer)}.e-manual{fill:var(--manual)}
.on-safe{fill:var(--on-safe)}.on-unsafe{fill:var(--on-unsafe)}.on-newer{fill:var(--on-newer)}
.on-manual{fill:var(--on-manual)}
text[class^=on-]{font-weight:600;font-size:13px}
.on-mass{fill:#fff;font-size:12px!important}
.mass-0{fill:var(--mass0)}.mass-1{fill:var(--mass1)}
.track{fill:var(--line)}.done,.under{fill:var(--unsafe)}.curve{stroke:var(--unsafe)}.sum{stroke:var(--manual)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:.25rem 0 1rem;padding:0;font-size:.85rem}
.legend svg{display:inline-block;margin-right:.35rem}
details{margin:.3rem 0}
summary{cursor:pointer;padding:.3rem 0}
.file{margin-top:1.75rem;content-visibility:auto;contain-intrinsic-size:auto 20rem}
.file h3{margin:0 0 .3rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
.count{color:var(--dim);font-weight:400;font-variant-numeric:tabular-nums}
.f{margin:0;border-bottom:1px solid var(--line)}
.f>summary,.f>div{font-size:.925rem}
.f>div{padding:.3rem 0 .3rem 1em}
.f[open]{padding-bottom:.75rem}
.at{display:inline-block;min-width:5.5em;color:var(--dim)}
.sev{font-size:.8rem;font-weight:600}
.error{color:#b3261e}.warning{color:#7a5200}.info{color:var(--dim)}
@media(prefers-color-scheme:dark){.error{color:#ff9a8d}.warning{color:#f0c25a}}
.tag{display:inline-block;border:1px solid var(--line);border-radius:3px;padding:0 .4em;font-size:.78rem;
white-space:nowrap}
.t-safe{border-color:var(--safe)}.t-unsafe{border-color:var(--unsafe)}
pre{margin:.6rem 0;padding:.7rem .9rem;background:var(--soft);border-left:3px solid var(--line);line-height:1.5;
white-space:pre-wrap;overflow-wrap:anywhere}
.ln{color:var(--dim);user-select:none}
mark{background:var(--mark);color:inherit;padding:.1em 0;border-bottom:2px solid var(--newer)}
.caret{color:var(--dim)}
@media(max-width:61rem){.caret{display:none}}
del,ins{display:inline-block;width:100%;text-decoration:none}
del{background:var(--del)}ins{background:var(--add)}
form{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:1rem 0;font-size:.9rem}
form[hidden]{display:none}
input,select,button{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--dim);border-radius:4px;
padding:.3rem .55rem}
input{width:min(18rem,60vw)}
[data-off]{display:none}
footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--dim);font-size:.85rem}
@media(max-width:46rem){.page{padding:0 1rem 3rem}.figures{grid-template-columns:1fr 1fr;gap:1.1rem}
.figures strong{font-size:1.6rem}section{margin-top:2.25rem}th,td{padding-right:.6rem}.matrix tbody th{max-width:9rem;
min-width:6rem}
.at{min-width:0;margin-right:.4em}.tick{font-size:10.5px}.value{font-size:10.5px}}
@media print{:root{color-scheme:light}body{font-size:10pt}nav,form,.more{display:none}.page{max-width:none;padding:0}
.scroll{overflow:visible}section{break-inside:auto}.f,tr,svg{break-inside:avoid}pre{font-size:8pt}
.file{content-visibility:visible}
.matrix tbody th{position:static}.h1,.h2,.h3,.h4,.h5,del,ins,mark,rect,path{print-color-adjust:exact}}
`
