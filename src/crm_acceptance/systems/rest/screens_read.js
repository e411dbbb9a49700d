// The reading half of screens_look.js: values by label, tables with their heads, messages, what is on the page.

const cell = e => ({
  text: e.matches(CONTROLS) ? valueOf(e) : /^(pre|break)/.test(getComputedStyle(e).whiteSpace) && !e.childElementCount
    ? e.textContent.trim() : reading(e),
  hrefs: [...(e.matches('a[href]') ? [e] : []), ...all('a[href]', e)].map(a => a.href),
  time: (e.matches('time[datetime]') ? e : e.querySelector('time[datetime]'))?.getAttribute('datetime') ?? null,
});
// The text of a place, with what its controls hold; names of pictures when there is no text at all.
function reading(e) {
  const said = text(e);
  const held = all(CONTROLS, e).filter(c => usable(c) && c.type !== 'file').map(valueOf).filter(Boolean);
  if (said && !(held.length && all('select', e).length)) return said;
  if (held.length) return norm(held.join(' '));
  const named = e.querySelector('img[alt],[title],[aria-label]') || e;
  return said || norm(named.getAttribute('alt') || named.getAttribute('title') || '');
}
const ELSEWHERE = 'nav,a,[role=tab],[role=tablist],[role=menuitem],[role=menu],[role=navigation],'
  + '[role=columnheader],thead,option,[role=option]';

function facts(fields, inFront) {
  const dialog = front(), root = (inFront && dialog) || document, known = Object.values(fields).flat();
  const isLabel = e => fits(known, e.textContent);
  const found = {};
  for (const [name, names] of Object.entries(fields)) {
    const own = css(names).flatMap(q => all(q, root)).filter(shown)[0];
    const value = own ? cell(own) : factOf(names, root, isLabel);
    if (value) found[name] = value;
  }
  return found;
}
function factOf(names, root, isLabel) {
  let empty = null;
  const tied = all(CONTROLS, root).filter(c => usable(c) && labelsOf(c).some(([l, t]) => fits(names, t) || fits(names, ownText(l, c))))[0];
  const said = carriers(names, root).filter(e => !e.closest(ELSEWHERE) || e.closest('[role=dialog] dl'));
  const plain = said.filter(e => !e.closest('button,[role=button]'));
  const labels = plain.length ? plain : said.filter(e => behind(e, root));
  for (const label of labels) {
    const value = beside(label, root, isLabel);
    if (value && value.text) return value;
    empty = empty || value;
  }
  if (tied) return cell(tied);
  const next = empty && !empty.text && labels.map(e => behind(e, root)).find(Boolean);
  if (next) return cell(next);
  return empty || named(names, root) || sentence(names, root);
}
function beside(label, root, isLabel) {
  const term = label.closest('dt');
  if (term) { const dd = term.nextElementSibling; return dd ? cell(dd) : {text: '', hrefs: [], time: null}; }
  const head = label.closest('th,td,[role=rowheader],[role=cell],[role=gridcell]');
  const nextCell = head && head.nextElementSibling;
  if (nextCell && !(isLabel(nextCell) && alike(head, nextCell))) return cell(nextCell);
  if (head) return {text: '', hrefs: [], time: null};
  const tag = label.closest('label');
  if (tag && tag.control && usable(tag.control)) return cell(tag.control);
  const holder = label.id && all(`[aria-labelledby~="${CSS.escape(label.id)}"]`, root)[0];
  if (holder) return cell(holder);
  return within(label, isLabel) || climbed(label, root, isLabel);
}
// "Assigned to <b>Li Na</b>": the value stands in the label's own element, unless a neighbour of another kind follows.
function within(label, isLabel) {
  const next = label.nextElementSibling, own = norm(direct(label));
  if (!label.childElementCount || !own || bare(own) === bare(label.textContent)) return null;
  const pair = next && !isLabel(next) && (next.tagName !== label.tagName || next.className !== label.className) && reading(next);
  return pair ? null : {...cell(label), text: norm(text(label).replace(own, '').replace(/^[:：]\s*/, ''))};
}
// A value may read like a label ("公司" of "公司"); what is made like the label is one.
const alike = (a, b) => /^(LABEL|DT|TH|LEGEND)$/.test(b.tagName) || (a.tagName === b.tagName && a.className === b.className);
// From the label outwards: the first neighbour with a text, never across another label or into the next pair.
function climbed(label, root, isLabel) {
  let node = label;
  for (let n = 0; n < 5 && node !== root && up(node); n++, node = up(node)) {
    const box = up(node), next = node.nextElementSibling;
    const pairs = [...box.children].some(o => o !== node && n && o.tagName === node.tagName && o.className === node.className && after(node, o));
    if (pairs) return {text: '', hrefs: [], time: null};
    for (let e = next; e; e = e.nextElementSibling) {
      if ((!shown(e) && e.type !== 'checkbox') || /^[\s:：*＊]*$/.test(e.textContent) && !reading(e).replace(/[:：*＊\s]/g, '') && !all(CONTROLS, e).length && !e.matches(CONTROLS)) continue;
      if ((isLabel(e) && alike(label, e)) || all('*', e).some(o => isLabel(o) && alike(label, o)) || /^(LABEL|DT|TH|LEGEND)$/.test(e.tagName)) return {text: '', hrefs: [], time: null};
      if (reading(e) || all(CONTROLS, e).length || e.matches(CONTROLS)) return cell(e);
    }
    const rest = [...box.childNodes].filter(c => c.nodeType === 3 && norm(c.data) && after(node, c)).map(c => norm(c.data)).join(' ');
    if (rest) return {text: rest.replace(/^[:：]\s*/, ''), hrefs: [], time: null};
    if (/^(FORM|BODY|MAIN|TR|LI)$/.test(box.tagName)) break;
  }
  return {text: '', hrefs: [], time: null};
}
// aria-label on the value itself.
function named(names, root) {
  const e = all('[aria-label]', root).find(e => shown(e) && fits(names, e.getAttribute('aria-label')) && !e.closest(ELSEWHERE) && !e.matches('section,nav,table,form'));
  return e ? cell(e) : null;
}
// "电话：13800000000" in one piece.
function sentence(names, root) {
  for (const e of all('*', root)) {
    if (e.childElementCount > 2 || e.closest(ELSEWHERE) || !/[:：]/.test(e.textContent) || e.textContent.length > 300) continue;
    const said = text(e), name = names.find(n => said.startsWith(n) && /^\s*[:：]/.test(said.slice(n.length)));
    if (name && shown(e)) return {...cell(e), text: norm(said.slice(name.length).replace(/^\s*[:：]\s*/, ''))};
  }
  return null;
}

// --- tables
const TABLES = 'table,[role=table],[role=grid],[role=treegrid]';
const kids = (e, query) => [...all(query, e)].filter(k => k.closest(TABLES) === e.closest(TABLES) && shown(k));
function rowsOf(t) {
  return kids(t, 'tr,[role=row]').filter(r => r.getAttribute('aria-hidden') !== 'true' && r.getBoundingClientRect().height > 1);
}
function columns(cells) {
  let at = 0;
  return cells.filter(c => c.getClientRects().length).map(c => { const told = +c.getAttribute('aria-colindex'); const here = told ? told - 1 : at; at = here + (c.colSpan || 1); return [here, c]; });
}
const sorted = h => { const a = h.getAttribute('aria-sort') || h.querySelector('[aria-sort]')?.getAttribute('aria-sort');
  return a && a !== 'none' ? a : /\b(sort-?asc|asc(ending)?|sorted-asc|up active)\b/i.test(h.className) ? 'ascending'
    : /\b(sort-?desc|desc(ending)?|sorted-desc|down active)\b/i.test(h.className) ? 'descending' : ''; };
function table(t) {
  const rows = rowsOf(t);
  const isHead = r => r.closest('thead') || r.querySelector(':scope > [role=columnheader]') || ([...r.children].length > 1 && [...r.children].every(c => c.tagName === 'TH'));
  const heads = rows.filter(isHead).flatMap(r => columns([...r.children].filter(c => c.matches('th,td,[role=columnheader],[role=rowheader]'))));
  const body = rows.filter(r => !isHead(r)).map(r => ({e: r, cells: columns([...r.children].filter(c => c.matches('td,th,[role=cell],[role=gridcell],[role=rowheader]')))}))
    .filter(r => r.cells.length && !r.e.closest('tfoot'));
  return {e: t, title: norm(t.getAttribute('aria-label') || byId(t, t.getAttribute('aria-labelledby')).map(text).join(' ') || (t.caption && text(t.caption)) || ''), heads, body};
}
// Heads that scroll apart from their rows are a table of their own: the rows take them over.
function tables(root = document) {
  const found = all(TABLES, root).filter(shown).map(table).filter(t => t.heads.length || t.body.length);
  for (const [n, t] of found.entries()) {
    const before = found[n - 1];
    const mute = !t.heads.some(([, h]) => words(h));
    if (mute && before && before.heads.length && !before.body.length) { t.heads = before.heads; before.gone = true; }
  }
  return found.filter(t => !t.gone);
}
const words = e => text(e) || norm(e.textContent);
const rowData = (r, n) => ({index: n, cells: r.cells.map(([at, c]) => ({at, ...cell(c)})), hrefs: all('a[href]', r.e).map(a => a.href),
  attributes: Object.fromEntries([...r.e.attributes].map(a => [a.name, a.value]))});
// The table that has most of these heads; among equals the bigger one.
function listing(heads) {
  const score = t => t.heads.filter(([, h]) => fits(heads, words(h))).length;
  const dialog = front(), all_ = tables();
  const best = all_.filter(t => score(t) > 0).sort((a, b) => score(b) - score(a) || b.body.length - a.body.length)[0];
  return best || null;
}
function list(heads) {
  const t = listing(heads);
  if (!t) return null;
  return {title: t.title, heads: t.heads.map(([at, h]) => ({at, text: words(h), sort: sorted(h)})), rows: t.body.map(rowData), busy: busy()};
}
const rowAt = (heads, n) => (listing(heads)?.body[n] || {}).e || null;
const headAt = (heads, names) => { const t = listing(heads); const h = t && t.heads.find(([, h]) => fits(names, words(h)));
  return h ? (h[1].querySelector('a,button,[role=button]') || h[1]) : null; };
const inRow = (heads, n, names) => { const r = rowAt(heads, n);
  return r && (all(PRESSED, r).find(e => shown(e) && (!names.length || nameOf(e).some(x => fits(names, x)))) || null); };
const linkIn = (heads, n, href) => { const r = rowAt(heads, n); return r && all('a[href]', r).find(a => a.href === href) || null; };
const cellIn = (heads, n, said) => { const r = rowAt(heads, n); if (!r) return null;
  const hit = all('*', r).filter(e => shown(e) && norm(e.textContent) === said); return hit[hit.length - 1] || null; };

// --- messages
const MESSAGES = '[role=alert],[role=alertdialog],[role=status],[aria-live=assertive],[aria-live=polite],'
  + '.ant-message-notice,.ant-notification-notice,.el-message,.el-notification,.toast,.Toastify__toast,.v-snack,'
  + '.notification-item,.errorlist,.alert,.flash,.messages > *,.ant-form-item-explain-error,.el-form-item__error,'
  + '.invalid-feedback,.help-block.error,[class*=field-error],[class*=error-message]';
const GOOD = /success|saved|成功/i, BAD = /error|danger|fail|invalid|warning|critical|错误|失败/i;
function mood(e) {
  const classes = [e, ...e.querySelectorAll('*')].slice(0, 12).map(x => `${x.getAttribute('class') || ''} ${x.getAttribute('data-type') || ''} ${x.getAttribute('data-level') || ''}`).join(' ');
  if (BAD.test(classes)) return 'bad';
  if (GOOD.test(classes)) return 'good';
  return e.matches('[role=alert],[aria-live=assertive]') ? 'bad?' : '';
}
function messages() {
  const found = all(MESSAGES).filter(e => shown(e) && text(e) && text(e).length < 600 && !e.id.startsWith('__next')
    && !e.querySelector('table,form,input,textarea') && !(e.matches('[aria-live]:not([role])') && e.querySelector('button,a')));
  const outer = found.filter(e => !found.some(o => o !== e && inside(o, e)));
  const wrong = all('[aria-invalid=true]').filter(usable).flatMap(c => byId(c, `${c.getAttribute('aria-errormessage') || ''} ${c.getAttribute('aria-describedby') || ''}`))
    .filter(e => shown(e) && text(e)).map(e => ({text: text(e), mood: 'bad', code: ''}));
  return [...outer.map(e => ({text: text(e), mood: mood(e), code: e.getAttribute('data-code') || ''})), ...wrong];
}
// What looks like a complaint by its style alone: asked only of a form that was not sent.
function complaints() {
  const found = all('[class*=error],[class*=danger],[class*=invalid],[class*=warning]').filter(e => shown(e) && text(e)
    && text(e).length < 300 && !all(CONTROLS, e).length && !e.closest('button,a,[role=button]') && !e.querySelector('button,table'));
  return found.filter(e => !found.some(o => o !== e && inside(o, e))).map(text);
}
function invalid() {   // what the browser itself would not send: it then puts the cursor there
  const c = document.activeElement;
  if (!c || !c.matches('input:invalid,select:invalid,textarea:invalid')) return null;
  return `${labelsOf(c).map(([, t]) => t)[0] || attributes(c)[0] || c.name}: ${c.validationMessage}`;
}

// --- what there is
const some = (list, n = 40) => [...new Set(list.map(norm).filter(s => s && s.length < 60))].slice(0, n);
function there() {
  return {
    labels: some([...all('label,legend,dt').filter(shown).map(text), ...all(CONTROLS).filter(usable).flatMap(attributes)].map(bare)),
    buttons: some(all('button,[role=button],input[type=submit],input[type=button],[role=tab]').filter(shown).map(e => nameOf(e)[0] || '').map(bare)),
    links: some(all('a[href],[role=menuitem],[role=link]').filter(shown).map(e => nameOf(e)[0] || '').map(bare)),
    heads: some(all('th,[role=columnheader]').filter(shown).map(words).map(bare)),
    texts: some(all('h1,h2,h3,p').filter(shown).map(text), 12),
    leaves: some(all('*', front() || document).filter(e => !e.childElementCount && shown(e) && text(e).length < 24).map(e => bare(text(e)))),
  };
}
function state() {
  const body = document.body;
  return {url: location.href, ready: document.readyState === 'complete', busy: busy(), messages: messages(),
    size: body ? `${document.getElementsByTagName('*').length}/${(body.innerText || '').length}` : '',
    password: all('input[type=password]').some(shown), dialog: !!front(), title: document.title};
}
const bodyText = () => norm(document.body ? document.body.innerText : '');
const says = names => { const said = bodyText().toLowerCase(); return names.find(n => said.includes(n.toLowerCase())) || null; };
// The page itself, in its headings, its messages or as a short page, not somewhere in what it shows.
function refuses(names) {
  const heads = [...all('h1,h2,h3,[role=heading]').filter(shown).map(text), document.title, ...messages().map(m => m.text)];
  const body = bodyText(), said = [...heads, body.length < 600 ? body : ''].join(' | ').toLowerCase();
  return names.find(n => said.includes(n.toLowerCase())) || null;
}
const captcha = names => !!all('iframe').find(f => shown(f) && /captcha|turnstile|geetest|recaptcha/i.test(f.src + f.title))
  || !!all('img').find(i => shown(i) && /captcha|verif(y|ication).?code|验证码/i.test(i.src + i.alt + i.id + i.className))
  || !!all('[class*=captcha],[id*=captcha]').find(shown) || all(CONTROLS).filter(usable)
    .some(c => [...labelsOf(c).map(([, t]) => t), ...attributes(c)].some(t => hasWord(names, t)))
  || all('*').some(e => !e.childElementCount && hasWord(names, text(e)) && shown(e) && !e.closest('button,a,[role=button],[role=tab]') && behind(e, document));
const hasWord = (names, said) => said.length < 30 && names.some(n => said.toLowerCase().includes(n.toLowerCase()));
function section(names) {
  const h = carriers(names).find(e => !e.closest('nav')) || all('[aria-label]').find(e => shown(e) && fits(names, e.getAttribute('aria-label')));
  if (!h) return null;
  const labelled = h.matches('[aria-label]') && fits(names, h.getAttribute('aria-label')) ? h : null;
  let box = labelled || up(h);
  for (let n = 0; !labelled && n < 4 && box && !box.querySelector('li,tr,a[href],[role=row],[role=listitem]'); n++) box = up(box);
  return box;
}
function entries(names) {
  const box = section(names);
  if (!box) return null;
  const items = all('li,tbody tr,[role=listitem],[role=row]', box).filter(e => shown(e) && text(e) && !e.querySelector('th,[role=columnheader]'));
  const outer = items.length ? items.filter(e => !items.some(o => o !== e && inside(o, e))) : all('a[href]', box).filter(shown);
  return outer.map(e => ({...cell(e), attributes: Object.fromEntries([...e.attributes].map(a => [a.name, a.value])),
    links: all('a[href]', e).concat(e.matches('a[href]') ? [e] : []).map(a => ({text: text(a), href: a.href})),
    parts: all('td,p,div,span,[role=cell]', e).filter(p => !p.childElementCount && text(p)).map(text)}));
}
const linksTo = pattern => all('a[href]').filter(shown).map(a => a.href).filter(h => new RegExp(pattern).test(h));

// --- the options of a popup that is open
const OPTIONS = '[role=option],[role=menuitem],[role=menuitemradio],[role=treeitem],.ant-select-item-option,'
  + '.el-select-dropdown__item,.v-list-item';
const LOOSE = 'li,[class*=option],[class*=suggest]';   // where a popup has no roles
function options(own) {
  const named = optionsOf(OPTIONS, own);
  return named.length ? named : optionsOf(LOOSE, own);
}
function optionsOf(query, own) {
  return all(query).filter(e => shown(e) && !inside(e, own) && !e.closest('nav,header,[role=navigation],[role=menubar],[class*=pagination]') && e.getBoundingClientRect().height > 4)
    .filter((e, n, list) => !list.some(o => o !== e && inside(e, o)));
}
function option(own, names, loose) {
  const there = options(own);
  const exact = there.filter(e => fits(names, text(e)) || fits(names, e.getAttribute('title') || '') || fits(names, e.getAttribute('aria-label') || ''));
  if (exact.length) return exact[exact.length - 1];
  const near = loose ? there.filter(e => names.some(n => text(e).includes(n))) : [];
  return near.length === 1 ? near[0] : near.find(e => names.some(n => text(e).startsWith(n))) || null;
}
const offered = own => some(options(own).map(text), 15);
