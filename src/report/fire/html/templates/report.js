'use strict';
(() => {
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // Tables: a click on a heading sorts by it, a second one the other way round.
  for (const table of document.querySelectorAll('table.sortable')) {
    const headings = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    if (body.rows.length < 2) continue;
    headings.forEach((heading, column) => {
      const button = make('button', { type: 'button' }, ...heading.childNodes);
      heading.replaceChildren(button);
      button.addEventListener('click', () => {
        // Figures are read from the largest down, names from A.
        const first = column === 0 ? 'ascending' : 'descending';
        const other = first === 'ascending' ? 'descending' : 'ascending';
        const order = heading.getAttribute('aria-sort') === first ? other : first;
        headings.forEach((each) => each.removeAttribute('aria-sort'));
        heading.setAttribute('aria-sort', order);
        const value = (row) => row.cells[column].dataset.sort;
        const compare = column === 0
          ? (a, b) => value(a).localeCompare(value(b), undefined, { numeric: true })
          : (a, b) => Number(value(a)) - Number(value(b));
        const sign = order === 'ascending' ? 1 : -1;
        body.append(...[...body.rows].sort((a, b) => sign * compare(a, b)));
      });
    });
  }

  // Copying: the page may have come over plain HTTP, where browsers offer no clipboard.
  const copy = async (command) => {
    try {
      await navigator.clipboard.writeText(command.textContent);
      return true;
    } catch {
      const selection = getSelection();
      selection.selectAllChildren(command);
      const copied = document.execCommand('copy');
      if (copied) selection.removeAllRanges();
      return copied;
    }
  };
  const copyButton = (request) => {
    const command = request.querySelector('.command');
    const note = request.querySelector('.curl > .note');
    const button = make('button', { type: 'button', textContent: 'Copy as curl' });
    const told = make('span', { className: 'note' });
    told.setAttribute('role', 'status');
    button.addEventListener('click', async () => {
      const copied = await copy(command);
      const hint = note ? ` ${note.textContent}` : '';
      told.textContent = copied ? `Copied.${hint}` : 'The browser blocked copying: select the command under Requests.';
    });
    return make('p', { className: 'copy' }, button, ' ', told);
  };
  const requests = [...document.querySelectorAll('details.request')];
  for (const request of requests) {
    if (request.querySelector('.command')) request.querySelector('.curl h3').after(copyButton(request));
  }

  // Deliveries: an opened one gets its request, which the page has once for each script.
  const list = document.getElementById('list');
  const deliveries = [...list.children];
  const requestOf = (delivery) => requests[Number(delivery.dataset.request ?? NaN)];
  const complete = (delivery) => {
    const link = delivery.querySelector('.request-link');
    const request = requestOf(delivery);
    if (!delivery.open || !link || !request) return;
    const line = request.querySelector('summary code').cloneNode(true);
    const parts = [...request.querySelectorAll('.inside > .message, .inside > .note')].map((part) => part.cloneNode(true));
    const message = make('details', { className: 'message' }, make('summary', {}, 'Request ', line), ...parts);
    link.replaceWith(...(request.querySelector('.command') ? [copyButton(request)] : []), message);
  };
  for (const delivery of deliveries) {
    complete(delivery);
    delivery.addEventListener('toggle', () => complete(delivery));
  }

  // Searching: each word must be somewhere in the line, its error or its request.
  const texts = new Map();
  const textOf = (delivery) => {
    if (!texts.has(delivery)) {
      const line = delivery.querySelector('summary').textContent;
      const target = requestOf(delivery)?.querySelector('summary').textContent ?? '';
      const parts = delivery.matches('.is-brief') ? [] : [...delivery.querySelectorAll('.attempt > p, .target')];
      const attempts = parts.map((part) => part.textContent).join(' ');
      texts.set(delivery, `${line} ${target} ${attempts}`.toLowerCase());
    }
    return texts.get(delivery);
  };
  const kinds = { 'only-failed': 'is-failed', 'only-late': 'is-late', 'only-retried': 'is-retried', 'only-expected': 'is-expected', 'only-callback': 'is-callback' };
  const search = make('input', { type: 'search', id: 'search', placeholder: 'script, status, outcome, error, URL' });
  const count = make('p', { className: 'note', id: 'count' });
  count.setAttribute('role', 'status');
  const number = (value) => value.toLocaleString('en');
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kind = kinds[document.querySelector('input[name=only]:checked').id];
    let shown = 0;
    for (const delivery of deliveries) {
      const found = words.every((word) => textOf(delivery).includes(word));
      if (delivery.hidden === found) delivery.hidden = !found;
      if (found && (!kind || delivery.classList.contains(kind))) shown += 1;
    }
    count.textContent = `${number(shown)} of ${number(deliveries.length)} listed deliveries shown`;
  };
  search.addEventListener('input', filter);
  document.getElementsByName('only').forEach((radio) => radio.addEventListener('change', filter));

  const place = (delivery) => Number(delivery.id.slice(1));
  const latency = (delivery) => Number(delivery.dataset.ms);
  const scriptOf = (delivery) => delivery.querySelector('.script').textContent;
  const orders = {
    'order of the run': (a, b) => place(a) - place(b),
    'slowest first': (a, b) => latency(b) - latency(a) || place(a) - place(b),
    'fastest first': (a, b) => latency(a) - latency(b) || place(a) - place(b),
    'most attempts first': (a, b) => Number(b.dataset.attempts) - Number(a.dataset.attempts) || place(a) - place(b),
    script: (a, b) => scriptOf(a).localeCompare(scriptOf(b), undefined, { numeric: true }) || place(a) - place(b),
  };
  const order = make('select', { id: 'order' }, ...Object.keys(orders).map((name) => make('option', {}, name)));
  order.addEventListener('change', () => {
    // Out of the page while they move: thousands are laid out once, not one by one.
    const { parentNode, nextSibling } = list;
    list.remove();
    list.append(...[...deliveries].sort(orders[order.value]));
    parentNode.insertBefore(list, nextSibling);
  });

  if (deliveries.length > 1) {
    const searching = make('label', {}, 'Search ', search);
    const sorting = make('label', {}, 'Sort by ', order);
    document.getElementById('tools').prepend(searching, sorting);
    document.getElementById('tools').after(count);
    filter();
  }

  // A link to a delivery or a request opens it.
  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.matches('details')) {
      target.hidden = false;
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener('hashchange', openTarget);
  openTarget();
})();
