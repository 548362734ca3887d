// Draws what the server describes (`data-chart` holds the address), in the page's colours, when it comes into view.
(() => {
  'use strict';
  const token = (name) => {
    // The value is light-dark(...): let the browser choose.
    const probe = document.createElement('i');
    probe.hidden = true;
    document.body.append(probe);
    probe.style.color = `var(${name})`;
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const merge = (into, from) => {
    Object.entries(from).forEach(([key, value]) => {
      if (value && typeof value === 'object' && !Array.isArray(value)) into[key] = merge(into[key] ?? {}, value);
      else into[key] ??= value;
    });
    return into;
  };
  const look = (tall) => {
    const axis = { gridcolor: token('--border'), linecolor: token('--border-strong'), zerolinecolor: token('--border-strong'), tickfont: { size: 11, color: token('--text-3') }, title: { font: { size: 11, color: token('--text-3') }, standoff: 8 }, automargin: true, fixedrange: false };
    return {
      autosize: true, margin: { l: 48, r: 14, t: 10, b: 36 }, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: token('--text-2') },
      hoverlabel: { bgcolor: token('--bg-raised'), bordercolor: token('--border-strong'), font: { color: token('--text'), size: 12 }, namelength: 32 },
      legend: { orientation: 'h', y: tall ? -0.14 : -0.25, font: { size: 11, color: token('--text-2') } },
      xaxis: { ...axis }, yaxis: { ...axis },
    };
  };
  const config = { displayModeBar: false, responsive: true, displaylogo: false, doubleClick: 'reset' };

  const note = (box, text) => {
    const p = document.createElement('p');
    p.className = 'chart-note';
    p.textContent = text;
    box.classList.remove('loading');
    box.replaceChildren(p);
  };
  const draw = async (box) => {
    try {
      const answer = await fetch(box.dataset.chart, { headers: { accept: 'application/json' }, credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      const plot = await answer.json();
      if (!plot.data.some((trace) => trace.x?.length)) { note(box, 'No points logged.'); return; }
      box.plot = plot;
      box.replaceChildren();
      box.classList.remove('loading');
      const tall = box.classList.contains('chart-tall');
      await Plotly.newPlot(box, plot.data, merge(structuredClone(plot.layout), look(tall)), config);
      box.dataset.drawn = 'true';
    } catch {
      note(box, 'This chart could not be loaded. Reload the page to try again.');
    }
  };

  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
  }), { rootMargin: '300px' });
  document.querySelectorAll('[data-chart]').forEach((box) => seen.observe(box));

  const repaint = () => document.querySelectorAll('[data-drawn]').forEach((box) =>
    Plotly.react(box, box.plot.data, merge(structuredClone(box.plot.layout), look(box.classList.contains('chart-tall'))), config));
  document.addEventListener('themechange', repaint);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
})();
