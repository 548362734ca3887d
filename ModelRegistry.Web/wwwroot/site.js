// What pages gain from a script; each works without it. No framework, no inline code.
(() => {
  'use strict';
  const root = document.documentElement;
  root.classList.add('js');

  // MLflow's clients print links to the pages of its own interface: /#/experiments/1/runs/… They lead to the same thing here,
  // from the sign-in page too, which keeps what is after the #.
  const link = location.hash.match(/^#\/(?:experiments\/\d+\/(runs\/[0-9a-f]{32})|(experiments\/\d+|models\/[^/?]+(?:\/versions\/\d+)?))(?=[/?]|$)/);
  if (link) location.replace('/' + (link[1] || link[2]));

  const cookie = (name, value) => {
    const secure = location.protocol === 'https:' ? ';secure' : '';
    document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax${secure}`;
  };
  // The server writes times in this zone.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`tz=${zone}`)) cookie('tz', zone);

  const typing = (e) => e.target.closest('input, textarea, select, [contenteditable]');
  const closeMenus = (except) => document.querySelectorAll('details.menu[open]').forEach((m) => {
    if (!except || !m.contains(except)) m.open = false;
  });

  document.addEventListener('keydown', (e) => {
    if (e.key === '/' && !e.ctrlKey && !e.metaKey && !e.altKey && !typing(e)) {
      const box = document.querySelector('[data-hotkey="/"]');
      if (box) { e.preventDefault(); box.focus(); box.select(); }
    }
    if (e.key === 'Escape') {
      const menu = document.querySelector('details.menu[open]');
      if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
    }
    if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && e.target.closest('details.menu[open]') && !typing(e)) {
      const stops = [...e.target.closest('details.menu').querySelectorAll('summary, .menu-item')];
      const next = stops[(stops.indexOf(e.target) + (e.key === 'ArrowDown' ? 1 : stops.length - 1)) % stops.length];
      if (next) { e.preventDefault(); next.focus(); }
    }
  });

  document.addEventListener('click', async (e) => {
    closeMenus(e.target);
    const copy = e.target.closest('[data-copy]');
    if (copy) {
      await navigator.clipboard.writeText(copy.dataset.copy);
      const name = copy.getAttribute('aria-label');
      copy.classList.add('copied');
      copy.setAttribute('aria-label', 'Copied');
      setTimeout(() => { copy.classList.remove('copied'); copy.setAttribute('aria-label', name); }, 1500);
    }
    const dismiss = e.target.closest('[data-dismiss]');
    if (dismiss) dismiss.closest('.toast-box').remove();
    // Browsers before invoker commands.
    const invoker = e.target.closest('button[command]');
    if (invoker && !('command' in HTMLButtonElement.prototype)) {
      const dialog = document.getElementById(invoker.getAttribute('commandfor'));
      if (invoker.getAttribute('command') === 'show-modal') dialog.showModal(); else dialog.close();
    }
  });

  // A dialog that came opened after a refused form is a dialog again.
  document.querySelectorAll('dialog[open]').forEach((d) => { d.close(); d.showModal(); });

  // The theme changes without a reload; charts listen.
  document.querySelectorAll('[data-theme-form]').forEach((form) => form.addEventListener('submit', (e) => {
    const theme = e.submitter?.value;
    if (!theme) return;
    e.preventDefault();
    if (theme === 'system') {
      document.cookie = 'theme=;path=/;max-age=0';
      root.removeAttribute('data-theme'); root.removeAttribute('data-bs-theme');
    } else {
      cookie('theme', theme);
      root.dataset.theme = theme; root.dataset.bsTheme = theme;
    }
    form.querySelectorAll('[name="theme"]').forEach((b) => b.setAttribute('aria-pressed', b.value === theme));
    form.closest('details').querySelector('summary .icon').outerHTML = e.submitter.querySelector('.icon').outerHTML;
    closeMenus();
    document.dispatchEvent(new CustomEvent('themechange'));
  }));

  // Rows of a table: one box for all, and what can be done with the chosen.
  document.querySelectorAll('[data-select]').forEach((form) => {
    const all = form.querySelector('[data-select-all]');
    const bar = form.querySelector('.bulk');
    const boxes = [...form.querySelectorAll('td input[type="checkbox"]')];
    const update = () => {
      const chosen = boxes.filter((b) => b.checked).length;
      if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
      if (bar) {
        bar.toggleAttribute('data-empty', chosen === 0);
        bar.querySelector('[data-count]').textContent = chosen === 1 ? '1 selected' : `${chosen} selected`;
        bar.querySelectorAll('[data-min]').forEach((b) => { b.disabled = chosen < Number(b.dataset.min); });
      }
    };
    all?.addEventListener('change', () => { boxes.forEach((b) => { b.checked = all.checked; }); update(); });
    boxes.forEach((b) => b.addEventListener('change', update));
    update();
  });

  // Controls that act on change: with a script there is nothing to press.
  document.querySelectorAll('[data-autosubmit]').forEach((form) =>
    form.addEventListener('change', () => form.requestSubmit()));

  // Completion of keys in a filter.
  document.querySelectorAll('[data-complete]').forEach((input) => {
    const keys = input.dataset.complete.split('\n').filter(Boolean);
    if (!keys.length) return;
    const list = document.createElement('ul');
    list.className = 'complete';
    list.id = 'complete-' + Math.random().toString(36).slice(2);
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', 'Keys');
    list.hidden = true;
    input.after(list);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', list.id);
    input.setAttribute('aria-expanded', 'false');
    let at = -1;
    const word = () => /[\w.\-/`"]*$/.exec(input.value.slice(0, input.selectionStart))[0];
    const hide = () => { list.hidden = true; at = -1; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
    const mark = () => [...list.children].forEach((li, i) => {
      li.setAttribute('aria-selected', i === at);
      if (i === at) { input.setAttribute('aria-activedescendant', li.id); li.scrollIntoView({ block: 'nearest' }); }
    });
    const take = (key) => {
      const end = input.selectionStart;
      const start = end - word().length;
      input.setRangeText(key + ' ', start, end, 'end');
      hide();
      input.focus();
    };
    const show = () => {
      const typed = word().toLowerCase();
      const found = typed.length ? keys.filter((k) => k.toLowerCase().includes(typed) && k.toLowerCase() !== typed).slice(0, 12) : [];
      list.replaceChildren(...found.map((key, i) => {
        const li = document.createElement('li');
        li.textContent = key;
        li.id = `${list.id}-${i}`;
        li.setAttribute('role', 'option');
        li.addEventListener('mousedown', (e) => { e.preventDefault(); take(key); });
        return li;
      }));
      at = -1;
      list.hidden = found.length === 0;
      input.setAttribute('aria-expanded', String(found.length > 0));
    };
    input.addEventListener('input', show);
    input.addEventListener('blur', hide);
    input.addEventListener('keydown', (e) => {
      if (list.hidden) return;
      if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
        e.preventDefault();
        at = (at + (e.key === 'ArrowDown' ? 1 : list.children.length + (at < 0 ? 0 : -1))) % list.children.length;
        mark();
      } else if ((e.key === 'Enter' || e.key === 'Tab') && at >= 0) {
        e.preventDefault();
        take(list.children[at].textContent);
      } else if (e.key === 'Escape') {
        hide();
      }
    });
  });

  // Progress that the server knows.
  document.querySelectorAll('[data-poll]').forEach((row) => {
    const ask = async () => {
      const answer = await fetch(row.dataset.poll, { headers: { accept: 'application/json' } });
      if (!answer.ok) return;
      const state = await answer.json();
      const bar = row.querySelector('progress');
      bar.value = state.value; bar.max = state.max;
      row.querySelector('label span').textContent = state.label;
      row.querySelector('.meta').textContent = `${state.value} of ${state.max}`;
      if (!state.done) setTimeout(ask, 2000);
    };
    setTimeout(ask, 1000);
  });
})();
