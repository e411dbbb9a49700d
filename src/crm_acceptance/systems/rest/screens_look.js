// What a person finds on a page: things by their names, values by their labels, tables, messages. Changes nothing.
// Python puts `return <function>(...args)` behind this text; nothing is left in the page.

const CJK = '\\u3400-\\u9fff\\uff00-\\uffef';
const GAP = new RegExp(`(?<=[${CJK}])\\s+(?=[${CJK}])`, 'g');
const norm = s => (s || '').replace(/[\u200b\u00a0\ufeff\s]+/g, ' ').trim();
// A name without what pages hang on it: "* 名称：", "+ 新建", "Files (3)", "Save…"; some write "登 录" for "登录".
const bare = s => norm(s).replace(/^[*＊+＋•·\s]+/, '').replace(/[\s*＊:：…]+$/, '').replace(/\s*[(（]\d+[)）]$/, '')
  .replace(/\.\.\.$/, '').replace(GAP, '').trim() || norm(s);
const fits = (names, text) => { const b = bare(text).toLowerCase(); return !!b && names.some(n => bare(n).toLowerCase() === b); };
const css = names => names.filter(n => n.startsWith('css=')).map(n => n.slice(4));
const CONTROLS = 'input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]):not([type=image]),'
  + 'textarea,select,[contenteditable=""],[contenteditable=true],[role=combobox],[role=textbox],[role=searchbox],'
  + '[role=spinbutton],[role=checkbox],[role=switch],[role=radiogroup],[role=slider]';
const PRESSED = 'button,a,[role=button],[role=link],[role=tab],[role=menuitem],[role=menuitemradio],[role=option],'
  + '[role=treeitem],[role=switch],input[type=submit],input[type=button],input[type=reset],input[type=image],summary';
const LABELS = 'label,legend,dt,th,[class*=label]';

function all(query, root = document) {
  const found = [...root.querySelectorAll(query)];
  for (const e of root.querySelectorAll('*')) if (e.shadowRoot) found.push(...all(query, e.shadowRoot));
  return found;
}
const shown = e => !!e && e.isConnected && e.getClientRects().length > 0
  && (!e.checkVisibility || e.checkVisibility({visibilityProperty: true}));
// What is to be read; as it was written where only the style makes it capital letters.
function text(e) {
  const said = norm(e.innerText !== undefined ? e.innerText : e.textContent), written = norm(e.textContent);
  return said !== written && said.toLowerCase() === written.toLowerCase() ? written : said;
}
const byId = (e, ids) => (ids || '').split(/\s+/).filter(Boolean)
  .map(id => (e.getRootNode().getElementById || document.getElementById).call(e.getRootNode(), id)).filter(Boolean);
const up = e => e.parentElement || (e.getRootNode() && e.getRootNode().host) || null;
const inside = (box, e) => { for (let p = e; p; p = up(p)) if (p === box) return true; return false; };
const busy = () => all('[aria-busy=true],[role=progressbar],.ant-spin-spinning,.el-loading-mask,.v-skeleton-loader,'
  + '.ant-skeleton-active').some(shown);

// The dialog or drawer in front; the page itself when none is open.
const DIALOGS = '[role=dialog],[role=alertdialog],dialog[open],[aria-modal=true],.modal.show,.modal.in,.el-dialog,'
  + '.el-drawer,.ant-drawer-open .ant-drawer-content,.ui-dialog';
function front() {
  const open = all(DIALOGS).filter(e => shown(e) && e.getBoundingClientRect().width > 40);
  return open.filter(e => !open.some(o => o !== e && inside(e, o))).pop() || null;
}
function places(query, inFront) {
  const dialog = front();
  const here = dialog ? all(query, dialog) : [];
  return inFront || (dialog && here.length) ? here : all(query);
}

// --- names of controls
function labelsOf(c) {
  const labels = [...(c.labels || [])].map(l => [l, text(l)]);
  const by = byId(c, c.getAttribute('aria-labelledby'));
  const group = c.closest('fieldset');
  const legend = c.matches('[type=radio]') && group && group.querySelector('legend');
  return [...labels, ...by.map(e => [e, text(e)]), ...(by.length > 1 ? [[by[0], by.map(text).join(' ')]] : []),
    ...(legend ? [[legend, text(legend)]] : [])];
}
const attributes = c => ['aria-label', 'placeholder', 'title', 'data-placeholder'].map(a => c.getAttribute(a)).filter(Boolean);
const ownText = (label, c) => {   // a label around its select would say every option, too
  if (!inside(label, c)) return text(label);
  const copy = label.cloneNode(true);
  for (const e of copy.querySelectorAll('select,option,textarea,input,[role=listbox]')) e.remove();
  return norm(copy.textContent);
};
const sized = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
const usable = c => (shown(c) && sized(c)) || c.type === 'file' || (c.matches('[type=checkbox],[type=radio]') && shown(up(c)));

// Elements whose text, whole or apart from what stands inside it, is one of the names: the deepest of each.
const direct = e => [...e.childNodes].filter(c => c.nodeType === 3).map(c => c.data).join(' ');
function carriers(names, root = document) {
  const hit = all('*', root).filter(e => e.childElementCount < 8 && e.textContent.length < 600
    && !/^(SCRIPT|STYLE|OPTION|SELECT|TEXTAREA|INPUT)$/.test(e.tagName)
    && (fits(names, e.textContent) || (e.childElementCount && fits(names, direct(e)))) && shown(e));
  return hit.filter(e => !hit.some(o => o !== e && e.contains(o)));
}
const after = (a, b) => !!(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING);

// The control that stands behind a text, when markup does not tie them: the next one, no other label between.
function behind(label, root) {
  let box = up(label);
  const tick = label.previousElementSibling;   // [x] Important: the text of a tick box stands behind it
  if (tick && tick.matches('[type=checkbox],[type=radio],[role=checkbox],[role=switch]')) return tick;
  for (let n = 0; box && n < 6; n++, box = up(box)) {
    const next = all(CONTROLS, box).filter(c => usable(c) && after(label, c) && !inside(label, c))[0];
    if (next) {
      const between = all(LABELS, box).some(l => l !== label && !inside(l, label) && !inside(label, l) && shown(l)
        && after(label, l) && after(l, next) && !inside(l, next) && text(l)
        && (/^(LABEL|DT|TH|LEGEND)$/.test(l.tagName) || /(^|[-_ ])label/.test(l.className)));
      return between ? null : next;
    }
    if (box === root || /^(FORM|BODY|TABLE|MAIN)$/.test(box.tagName)) return null;
  }
  return null;
}
function controls(names, inFront) {
  const own = css(names).flatMap(q => places(q, inFront));
  if (own.length) return own;
  const seen = places(CONTROLS, inFront).filter(usable);
  const tied = seen.filter(c => labelsOf(c).some(([l, t]) => fits(names, t) || fits(names, ownText(l, c)))
    || attributes(c).some(a => fits(names, a)));
  if (tied.length) return tied;
  const root = (front() && (inFront || seen.some(c => inside(front(), c))) && front()) || document;
  const said = carriers(names, root).filter(e => !e.closest('a,[role=tab],nav,[role=navigation],thead'));
  const plain = said.filter(e => !e.closest('button,[role=button]'));   // some labels open a menu of their own
  return (plain.length ? plain : said).map(e => behind(e, root)).filter(Boolean);
}
// The outermost of controls in one another (a combobox around its input) is not typed into: the inner one is.
function control(names, inFront) {
  const found = controls(names, inFront);
  const plain = found.find(c => c.matches('input,textarea,select') && !c.disabled) || found[0] || null;
  return plain;
}
function nature(c) {
  const near = c.closest('.ant-select,.el-select,.v-select,[role=combobox],[aria-haspopup=listbox]');
  const picker = c.closest('.ant-picker,.el-date-editor');
  const type = c.tagName === 'SELECT' ? 'select' : c.type === 'file' ? 'file' : c.type === 'radio' ? 'radio'
    : c.type === 'checkbox' || /^(checkbox|switch)$/.test(c.getAttribute('role')) ? 'check'
    : c.getAttribute('role') === 'radiogroup' ? 'radio' : picker ? 'picker'
    : near || /^(listbox|tree|grid|dialog|true|menu)$/.test(c.getAttribute('aria-haspopup')) || c.getAttribute('aria-autocomplete')
      ? 'popup' : c.isContentEditable ? 'text' : c.matches('input,textarea') ? (c.type || 'text') : 'popup';
  return {type, typed: c.matches('input,textarea') && !c.readOnly && !c.disabled, disabled: !!c.disabled || c.getAttribute('aria-disabled') === 'true',
    visible: shown(c), options: c.tagName === 'SELECT' ? [...c.options].map(o => [o.value, norm(o.text)]) : []};
}
function valueOf(c) {
  if (c.tagName === 'SELECT') return [...c.selectedOptions].map(o => norm(o.text)).join(', ');
  if (c.matches('[type=checkbox]')) return c.checked ? 'true' : 'false';
  if (/^(checkbox|switch)$/.test(c.getAttribute('role'))) return c.getAttribute('aria-checked') === 'true' ? 'true' : 'false';
  if (c.matches('[type=radio]')) {
    const on = all('[type=radio]', c.form || document).find(r => r.name === c.name && r.checked);
    return on ? norm((on.labels && on.labels[0] && text(on.labels[0])) || on.value) : '';
  }
  const near = c.closest('.ant-select,.el-select,.v-select');
  const said = near && near.querySelector('.ant-select-selection-item,.el-select__selected-item');
  if (said) return text(said);
  return c.matches('input,textarea') ? c.value : text(c);
}

// --- things to press
const iconOf = e => text(e) ? [] : [...e.querySelectorAll('[data-icon]')].map(i => i.getAttribute('data-icon'));
const nameOf = e => [...iconOf(e), text(e), norm(e.textContent), e.getAttribute('aria-label'), e.getAttribute('title'),
  e.matches('input') ? e.value : '', ...[...e.querySelectorAll('img[alt],[aria-label],[title]')].slice(0, 3)
    .map(i => i.getAttribute('alt') || i.getAttribute('aria-label') || i.getAttribute('title'))].filter(Boolean);
const idle = e => !!e.disabled || e.getAttribute('aria-disabled') === 'true' || /\bdisabled\b/.test(e.className || '')
  || !!e.closest('[aria-disabled=true]');
function pressables(names, inFront) {
  const own = css(names).flatMap(q => places(q, inFront)).filter(shown);
  const known = places(PRESSED, inFront).filter(e => shown(e) && nameOf(e).some(n => fits(names, n)));
  const rest = own.length || known.length ? [] : carriers(names, (inFront && front()) || document)
    .filter(e => !e.closest('label,th,dt,h1,option') || e.closest('li,[onclick],[tabindex]'));
  return [...own, ...known, ...rest];
}
// Of several of one name: the one that can be pressed, in front, a button rather than a link or an entry of a menu.
// Whether a dialog lies over it.
function covered(e) {
  const dialog = front(), r = e.getBoundingClientRect();
  if (!dialog || inside(dialog, e)) return false;
  const hit = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
  return !!hit && !inside(e, hit) && !inside(hit, e);
}
function pressable(names, inFront, real) {
  const found = pressables(names, inFront).filter(e => !covered(e)).filter(e => !real || e.matches(PRESSED) || getComputedStyle(e).cursor === 'pointer');
  const rank = e => (idle(e) ? 4 : 0) + (e.closest('main,[role=main],form,[role=dialog]') ? 0 : 1);
  return found.map((e, n) => [rank(e), n, e]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(x => x[2])[0] || null;
}
const pressState = e => ({idle: idle(e), tag: e.tagName, href: e.getAttribute('href'), type: e.getAttribute('type')});

// What opens a popup: the box around the input, where there is one that takes the click.
const opener = c => c.closest('.ant-select-selector,.el-select__wrapper,.el-select,.v-select,.select2-container') || c;
const sameGroup = c => c.getAttribute('role') === 'radiogroup' ? all('[role=radio],input[type=radio]', c)
  : all('input[type=radio]').filter(r => r.name === c.name && r.form === c.form);
const radio = (c, names) => sameGroup(c).find(r => fits(names, r.value || '') || labelsOf(r).some(([, t]) => fits(names, t))
  || fits(names, text(r)) || fits(names, r.getAttribute('aria-label') || '')) || null;
const radios = c => sameGroup(c).map(r => (labelsOf(r)[0] || [0, r.value || text(r)])[1]);
const dayCell = day => all(`td[title="${day.replace(/["\\]/g, '')}"],[role=gridcell][title="${day.replace(/["\\]/g, '')}"],`
  + `[role=gridcell][aria-label="${day.replace(/["\\]/g, '')}"]`).find(shown) || null;
// A search box that is folded away until its symbol is pressed: what there is of it to press.
function folded(names) {
  let e = all(CONTROLS).find(c => !usable(c) && attributes(c).some(a => fits(names, a)));
  while (e && !(shown(e) && sized(e))) e = up(e);
  return e && e !== document.body ? e : null;
}
