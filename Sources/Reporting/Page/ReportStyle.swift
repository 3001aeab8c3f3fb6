/// The page's style sheet: a serif for reading, a sans-serif with even figures for tables, thin rules, no decoration.
enum ReportStyle {
    static let css = """
        :root { color-scheme: light; --ink: #222; --muted: #5a5a5a; --rule: #d8d8d8; --faint: #f6f6f4;
          --accent: #0072b2;
          --serif: Charter, "Bitstream Charter", "Iowan Old Style", Georgia, Cambria, "Liberation Serif", serif;
          --sans: "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif;
          --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: #fff; color: var(--ink); font: 18px/1.55 var(--serif); }
        main { max-width: 1080px; margin: 0 auto; padding: 3.2rem 2rem 4rem; }
        header { border-bottom: 2px solid var(--ink); padding-bottom: 1.1rem; margin-bottom: 1.6rem; }
        h1 { font-size: 2.1rem; line-height: 1.15; margin: 0; font-weight: 600; letter-spacing: -0.01em;
          text-wrap: balance; }
        .subtitle { margin: 0.5rem 0 0; color: var(--muted); font-size: 1.12rem; line-height: 1.4; }
        nav ol { list-style: none; margin: 0 0 0.5rem; padding: 0; font: 0.86rem/1.5 var(--sans); display: flex;
          flex-wrap: wrap; gap: 0.2rem 1.5rem; }
        nav li { white-space: nowrap; max-width: 100%; overflow: hidden; text-overflow: ellipsis; }
        nav a { color: var(--accent); text-decoration: none; }
        nav a:hover, nav a:focus { text-decoration: underline; }
        section { margin-top: 2.8rem; }
        h2 { font-size: 1.42rem; line-height: 1.25; font-weight: 600; margin: 0 0 0.9rem; scroll-margin-top: 1rem;
          text-wrap: balance; }
        p { margin: 0 0 1rem; max-width: 44rem; overflow-wrap: break-word; }
        code, pre { font-family: var(--mono); font-size: 0.82em; }
        p code { background: var(--faint); padding: 0.08em 0.3em; border-radius: 3px; }
        pre { margin: 0; padding: 0.9rem 1.1rem; background: var(--faint); border-left: 3px solid var(--rule);
          overflow-x: auto; line-height: 1.5; font-size: 0.78rem; tab-size: 4; }
        figure { margin: 1.5rem 0 2rem; }
        figcaption, caption { font: 0.86rem/1.45 var(--sans); color: var(--muted); text-align: left; max-width: 50rem; }
        figcaption { margin-top: 0.5rem; }
        .number { color: var(--ink); font-weight: 600; }
        .chart svg { display: block; width: 100%; height: auto; }
        .chart { max-width: 860px; }
        .chart .narrow { display: none; }
        .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); 
          gap: 0.5rem 1.5rem; margin: 1.5rem 0 2rem; }
        .row .chart { margin: 0; max-width: 440px; }
        .scroll { overflow-x: auto; max-width: 100%; }
        table { border-collapse: collapse; font: 0.88rem/1.4 var(--sans);
          font-variant-numeric: tabular-nums lining-nums; }
        th, td { padding: 0.36rem 0.9rem; text-align: left; vertical-align: top; }
        th:first-child, td:first-child { padding-left: 0.15rem; }
        th:last-child, td:last-child { padding-right: 0.15rem; }
        thead th { font-weight: 600; vertical-align: bottom; border-top: 1.6px solid var(--ink);
          border-bottom: 1px solid var(--ink); }
        tbody tr:last-child > * { border-bottom: 1.6px solid var(--ink); }
        tbody tr + tr > * { border-top: 1px solid #ececec; }
        .short { white-space: nowrap; }
        .n { text-align: right; white-space: nowrap; }
        .unit { font-weight: 400; color: var(--muted); white-space: nowrap; }
        td.best { font-weight: 700; }
        .facts th { font-weight: 400; color: var(--muted); white-space: nowrap; padding-right: 2rem; }
        .facts td { overflow-wrap: anywhere; }
        .facts tr:first-child > * { border-top: 1.6px solid var(--ink); }
        .pictures .label { font: 600 0.88rem/1.4 var(--sans); margin: 1.1rem 0 0.5rem; }
        .pictures .strip { display: flex; flex-wrap: wrap; gap: 1rem 1.1rem; align-items: flex-start; }
        .picture { font: 0.8rem/1.35 var(--sans); color: var(--muted); font-variant-numeric: tabular-nums;
          min-width: 0; }
        .picture img { display: block; width: 100%; height: auto; margin-bottom: 0.35rem; }
        .picture div:first-of-type { color: var(--ink); }
        footer { margin-top: 3.5rem; padding-top: 0.8rem; border-top: 1px solid var(--rule); color: var(--muted);
          font: 0.82rem/1.5 var(--sans); overflow-wrap: anywhere; }
        @media (max-width: 600px) {
          body { font-size: 17px; }
          main { padding: 1.6rem 1rem 2.5rem; }
          h1 { font-size: 1.65rem; }
          h2 { font-size: 1.28rem; }
          section { margin-top: 2.2rem; }
          .chart .wide { display: none; }
          .chart .narrow { display: block; }
          .facts th { white-space: normal; padding-right: 0.8rem; }
          th, td { padding: 0.36rem 0.6rem; }
          .pictures .strip { gap: 0.9rem 0.7rem; }
          .picture { max-width: calc(50% - 0.35rem); }
        }
        @media print {
          @page { margin: 18mm 16mm; }
          body { font-size: 10.5pt; }
          main { max-width: none; padding: 0; }
          section { margin-top: 1.8rem; }
          h2 { break-after: avoid; }
          p { orphans: 3; widows: 3; }
          figure, .picture, tr, pre { break-inside: avoid; }
          thead { display: table-header-group; }
          .scroll, pre { overflow: visible; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; }
          .chart .wide { display: block; }
          .chart .narrow { display: none; }
          .row { grid-template-columns: repeat(auto-fit, minmax(75mm, 1fr)); gap: 0.3rem 5mm; }
          .chart { max-width: 155mm; }
          figure { margin: 1rem 0 1.3rem; }
          .row .chart .narrow { display: block; }
          nav a { color: inherit; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """
}
