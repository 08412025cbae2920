/* The web chat. Plain ES2017, so that an old Android browser runs it as it is.

   Whatever the person sends is first kept in localStorage under an id of ours and leaves it when
   the server has answered; the server takes an id once, so trying again is always safe. */
(function () {
  'use strict';

  const MAX_PHOTO_PX = 1600;
  const MAX_VOICE_S = 120;
  const MAX_KEPT_CHARS = 1200000;
  const SILENT_MS = 45000;
  const TYPING_MS = 12000;
  const MAX_TRIES = 6;

  const query = new URLSearchParams(location.search);
  const phone = location.pathname === '/phone' ? query.get('as') || '' : '';
  const PREFIX = 'ngoso:' + phone + ':';
  let words = {};
  let limits = {};

  function el(id) { return document.getElementById(id); }
  const app = el('app');
  const log = el('log');
  const scroll = el('scroll');
  const input = el('text');

  function node(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function button(name, text, onclick) {
    const made = node('button', name, text);
    made.type = 'button';
    made.addEventListener('click', onclick);
    return made;
  }

  function icon(id) { return el(id).querySelector('svg').cloneNode(true); }

  // --- what stays when the page is closed ---------------------------------------------------
  const memory = {};
  const store = {
    get: function (name) {
      try { return localStorage.getItem(PREFIX + name); } catch (e) { return memory[name] || null; }
    },
    set: function (name, value) {
      memory[name] = value;
      try { localStorage.setItem(PREFIX + name, value); } catch (e) { /* full or forbidden */ }
    },
    remove: function (name) {
      delete memory[name];
      try { localStorage.removeItem(PREFIX + name); } catch (e) { /* forbidden */ }
    },
    names: function () {
      try {
        return Object.keys(localStorage).filter(function (name) { return name.indexOf(PREFIX) === 0; })
          .map(function (name) { return name.slice(PREFIX.length); });
      } catch (e) { return []; }
    }
  };

  function newId() {
    const bytes = new Uint8Array(16);
    (window.crypto || window.msCrypto).getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (b) { return ('0' + b.toString(16)).slice(-2); }).join('');
  }

  // --- asking the server --------------------------------------------------------------------
  function Refused(status, answer) {
    this.status = status;
    this.words = answer.error || '';
    this.waitMs = (answer.retry_after_s || 0) * 1000;
  }

  function ask(method, path, body, type) {
    const options = { method: method, credentials: 'same-origin', headers: {} };
    if (phone) options.headers['X-Phone'] = phone;
    if (body !== undefined) {
      options.headers['Content-Type'] = type || 'application/json';
      options.body = type ? body : JSON.stringify(body);
    }
    return fetch(path, options).then(function (answer) {
      return answer.json().catch(function () { return {}; }).then(function (content) {
        if (!answer.ok) throw new Refused(answer.status, content);
        return content;
      });
    });
  }

  function openSession() { return phone ? Promise.resolve() : ask('POST', '/api/session'); }

  // --- connection state, in words -----------------------------------------------------------
  let state = '';
  function setState(now) {
    if (now === state) return;
    state = now;
    app.className = 'app is-' + now;
    el('state').textContent = words[now];
    if (now === 'offline') {
      showTyping(false);
      queue.forEach(function (item) { setFate(item.id, 'waiting'); });
    }
    if (now === 'connected') { if (!slowedDown) holdUntil = 0; pump(); }
  }

  function notice(text) {
    const low = atEnd();
    el('notice').hidden = !text;
    el('notice-words').textContent = text || '';
    if (low) toEnd();
  }

  let typingTimer = 0;
  function showTyping(on) {
    const low = atEnd();
    clearTimeout(typingTimer);
    el('typing').hidden = !on;
    if (on) typingTimer = setTimeout(function () { showTyping(false); }, TYPING_MS);
    if (on && low) toEnd();
  }

  // --- scrolling (by scrollTop only: scrollIntoView would move the page around a demo phone) --
  function atEnd() { return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 90; }
  function toEnd() { scroll.scrollTop = scroll.scrollHeight; el('newer').hidden = true; }

  // A message taller than the screen is read from its beginning.
  function reveal(shown) {
    const top = shown.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
    const height = scroll.scrollHeight - (scroll.scrollTop + top);
    if (height > scroll.clientHeight) scroll.scrollTop += top - 10;
    else toEnd();
  }

  // --- messages on the page -------------------------------------------------------------------
  const byId = {};
  const bySource = {};
  let oldest = 0;

  function isHidden(row) { return row.own && /^\/start(\s|$)/.test(row.body.text || ''); }

  function addRow(row) {
    if (row.body.edits) return editRow(row);
    let shown = row.own ? bySource[row.source] : byId[row.id];
    if (shown && shown.dataset.id) return null;
    if (isHidden(row)) return null;
    if (!shown) shown = node('div', row.own ? 'msg own' : 'msg bot');
    if (row.own) bySource[row.source] = shown;
    byId[row.id] = shown;
    shown.dataset.id = row.id;
    shown.dataset.day = row.day;
    fill(shown, row);
    placeInOrder(shown, row.id);
    markDays();
    // Kept is not yet handled: it is sent when the server has answered.
    if (row.own) setFate(row.source, isQueued(row.source) ? 'sending' : 'sent');
    if (row.own && row.body.to) markChosen(row.body.to, row.body.button);
    markMenus();
    return shown;
  }

  function editRow(row) {
    const shown = byId[row.body.edits];
    if (!shown) return null;
    fill(shown, { id: row.body.edits, own: false, time: row.time, body: row.body });
    markMenus();
    return shown;
  }

  // Rows stand in the order of their ids; what has not been sent yet stands last.
  function placeInOrder(shown, id) {
    let next = null;
    const all = log.querySelectorAll('.msg');
    for (let i = all.length - 1; i >= 0; i--) {
      if (all[i] === shown) continue;
      if (all[i].dataset.id && Number(all[i].dataset.id) < id) break;
      next = all[i];
    }
    if (shown.nextSibling !== next || shown.parentNode !== log) log.insertBefore(shown, next);
  }

  function markDays() {
    Array.prototype.forEach.call(log.querySelectorAll('.day'), function (day) { log.removeChild(day); });
    let last = '';
    Array.prototype.forEach.call(log.querySelectorAll('.msg'), function (shown) {
      const day = shown.dataset.day;
      if (!day || day === last) return;
      log.insertBefore(node('p', 'day', day), shown);
      last = day;
    });
  }

  function fill(shown, row) {
    shown.textContent = '';
    const bubble = node('div', 'bubble');
    if (row.own) bubble.appendChild(node('span', 'sr', words.you + ' '));
    if (row.body.media || row.data) bubble.appendChild(mediaNode(row));
    if (row.body.place) bubble.appendChild(iconLine('place', words.place_sent));
    if (row.body.text) bubble.appendChild(textNode(row.body.text));
    const meta = node('p', 'meta');
    meta.appendChild(node('span', 'at', row.time || ''));
    if (row.own) meta.appendChild(node('span', 'fate'));
    bubble.appendChild(meta);
    shown.appendChild(bubble);
    if (!row.own) addChoices(shown, row);
  }

  function iconLine(id, text) {
    const line = node('p', 'icon');
    line.appendChild(icon(id));
    line.appendChild(node('span', '', text));
    return line;
  }

  // Addresses and phone numbers can be pressed; twelve digits are an identity number, not a phone.
  const LINKS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])|(^|[^\d])(0\d(?:[ .]?\d){6,9})(?![ .]?\d)/g;
  function textNode(text) {
    const shown = node('div', 'text');
    let from = 0;
    text.replace(LINKS, function (whole, url, before, number, at) {
      const label = url || number;
      const start = url ? at : at + before.length;
      shown.appendChild(document.createTextNode(text.slice(from, start)));
      const link = node('a', '', label);
      link.href = url || 'tel:' + number.replace(/\D/g, '');
      if (url) { link.target = '_blank'; link.rel = 'noopener noreferrer'; }
      shown.appendChild(link);
      from = start + label.length;
      return whole;
    });
    shown.appendChild(document.createTextNode(text.slice(from)));
    return shown;
  }

  function mediaNode(row) {
    const media = row.body.media || { kind: row.kind };
    const src = row.data || '/api/media/' + media.key;
    if (media.kind === 'photo') return photoNode(src, Boolean(row.data));
    if (media.kind === 'voice') {
      const sound = node('audio');
      sound.controls = true;
      sound.preload = 'metadata';
      sound.src = src;
      sound.setAttribute('aria-label', words.voice_sent);
      return sound;
    }
    const link = node('a', 'file', words.file);
    link.href = src;
    return link;
  }

  function photoNode(src, local) {
    const link = node(local ? 'div' : 'a', 'photo');
    if (!local) {
      link.href = src;
      link.target = '_blank';
      link.rel = 'noopener';
      link.setAttribute('aria-label', words.photo_large);
    }
    const image = node('img');
    image.alt = words.photo_sent;
    image.addEventListener('load', function () { if (atEndBefore(image)) toEnd(); });
    image.src = src;
    link.appendChild(image);
    return link;
  }

  function atEndBefore(image) {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < image.offsetHeight + 90;
  }

  // --- choices --------------------------------------------------------------------------------
  function addChoices(shown, row) {
    const body = row.body;
    if (!body.buttons && !body.ask_place && !body.ask_contact) return;
    const choices = node('div', 'choices');
    choices.setAttribute('role', 'group');
    choices.setAttribute('aria-label', words.choices);
    if (body.ask_place && canLocate()) {
      const asking = button('ask', '', function () { sendPlace(); });
      asking.appendChild(icon('place'));
      asking.appendChild(node('span', '', words.place_ask));
      choices.appendChild(asking);
    }
    if (body.ask_contact) choices.appendChild(contactNode());
    (body.buttons || []).forEach(function (choice) { choices.appendChild(choiceNode(row.id, choice)); });
    shown.appendChild(choices);
  }

  function choiceNode(rowId, choice) {
    let pressedAt = 0;
    const made = button('', '', function () {
      if (Date.now() - pressedAt < 1200) return;  // unsteady fingers press twice
      pressedAt = Date.now();
      markChosen(rowId, choice.action);
      send({ text: choice.label, button: choice.action, label: choice.label, message_id: String(rowId) });
    });
    made.dataset.action = choice.action;
    if (choice.number === '0' || choice.number === '9') made.classList.add('nav');
    if (choice.number) made.appendChild(node('span', 'num', choice.number + '.'));
    made.appendChild(node('span', '', choice.label));
    return made;
  }

  function contactNode() {
    const box = node('div', 'contact');
    const label = node('label', '', words.contact_label);
    const field = node('input');
    field.type = 'tel';
    field.autocomplete = 'tel';
    field.maxLength = 20;
    function done() { if (field.value.trim()) send({ text: field.value.trim() }); }
    field.addEventListener('keydown', function (event) {
      if (event.key === 'Enter') { event.preventDefault(); done(); }
    });
    label.appendChild(field);
    box.appendChild(label);
    box.appendChild(button('', words.contact_send, done));
    return box;
  }

  function markChosen(rowId, action) {
    const shown = byId[rowId];
    if (!shown) return;
    Array.prototype.forEach.call(shown.querySelectorAll('.choices button'), function (one) {
      if (one.dataset.action !== action || one.classList.contains('chosen')) return;
      one.classList.add('chosen');
      const mark = node('span', 'mark-chosen', '✓');
      mark.setAttribute('role', 'img');
      mark.setAttribute('aria-label', words.chosen);
      one.appendChild(mark);
    });
  }

  // Only the last menu is large.
  function markMenus() {
    const all = log.querySelectorAll('.choices');
    Array.prototype.forEach.call(all, function (choices, i) {
      const last = i === all.length - 1;
      choices.className = last ? 'choices now' : 'choices';
    });
  }

  // --- sending ----------------------------------------------------------------------------------
  const queue = [];
  let pumping = false;
  let pauseTimer = 0;
  let holdUntil = 0;
  let slowedDown = false;

  function send(item) {
    item.id = item.id || newId();
    item.at = Date.now();
    keep(item);
    queue.push(item);
    showOwn(item);
    notice('');
    if (state === 'offline') setFate(item.id, 'waiting');
    pump();
  }

  // One key each: two tabs never overwrite each other's queue. What is too large stays in memory.
  function keep(item) {
    const kept = JSON.stringify(item);
    if (kept.length <= MAX_KEPT_CHARS) store.set('queue:' + item.id, kept);
  }

  function showOwn(item) {
    const row = { own: true, time: '', data: item.data, kind: item.kind,
      body: { text: item.text || '', place: Boolean(item.place) } };
    if (isHidden(row)) return;
    const shown = node('div', 'msg own');
    bySource[item.id] = shown;
    fill(shown, row);
    log.appendChild(shown);
    setFate(item.id, 'sending');
    toEnd();
  }

  function setFate(source, fate) {
    const shown = bySource[source];
    if (!shown) return;
    shown.className = 'msg own is-' + fate;
    const at = shown.querySelector('.at').textContent;
    shown.querySelector('.fate').textContent = (at ? ' · ' : '') + words[fate];
  }

  function loadQueue() {
    const items = [];
    store.names().forEach(function (name) {
      if (name.indexOf('queue:') !== 0) return;
      try { items.push(JSON.parse(store.get(name))); } catch (e) { store.remove(name); }
    });
    items.sort(function (a, b) { return a.at - b.at; });
    items.forEach(function (item) { queue.push(item); showOwn(item); });
  }

  function pump() {
    if (pumping || !queue.length || state === 'offline' || !started || Date.now() < holdUntil) return;
    const item = queue[0];
    pumping = true;
    setFate(item.id, 'sending');
    if (!needsUpload(item)) showTyping(true);
    deliver(item).then(function (row) {
      slowedDown = false;
      finish(item);
      addRow(row);
      setFate(item.id, 'sent');
    }, function (error) {
      return later(item, error);
    }).then(function () {
      pumping = false;
      pump();
    });
  }

  function needsUpload(item) { return Boolean(item.data && !item.media); }

  function isQueued(id) { return queue.some(function (item) { return item.id === id; }); }

  function deliver(item) {
    return upload(item).then(function () {
      showTyping(true);
      const posted = { id: item.id };
      if (item.button !== undefined) {
        posted.button = item.button;
        posted.label = item.label.slice(0, 200);
        posted.message_id = item.message_id;
      } else if (item.text) posted.text = item.text;
      if (item.place) posted.place = item.place;
      if (item.media) posted.media = item.media;
      return ask('POST', '/api/messages', posted);
    });
  }

  function upload(item) {
    if (!needsUpload(item)) return Promise.resolve();
    return ask('POST', '/api/media', toBlob(item.data), 'application/octet-stream').then(function (kept) {
      item.media = { ref: kept.ref };
      keep(item);
    });
  }

  function finish(item) {
    if (queue[0] === item) queue.shift();
    store.remove('queue:' + item.id);
  }

  function later(item, error) {
    showTyping(false);
    if (!(error instanceof Refused)) {  // no answer: the network
      setFate(item.id, 'waiting');
      pause(4000);
      if (navigator.onLine === false) setState('offline');
      return null;
    }
    item.tries = (item.tries || 0) + 1;
    if (error.status === 401 && item.tries < 3) return openSession().catch(function () { pause(4000); });
    slowedDown = error.status === 429;
    if (slowedDown) notice(error.words);
    if (error.status === 429 || (error.status >= 500 && item.tries < MAX_TRIES)) {
      setFate(item.id, error.status === 429 ? 'sending' : 'waiting');
      pause(error.waitMs || 1500 * item.tries);
      return null;
    }
    finish(item);
    if (error.words) notice(error.words);
    setFate(item.id, 'failed');
    if (error.status >= 500) offerAgain(item);
    return null;
  }

  function pause(ms) {
    clearTimeout(pauseTimer);
    holdUntil = Date.now() + ms;
    pauseTimer = setTimeout(pump, ms + 20);
  }

  function offerAgain(item) {
    const shown = bySource[item.id];
    if (!shown) return;
    const again = button('pill again', words.retry, function () {
      shown.removeChild(again);
      item.tries = 0;
      keep(item);
      queue.push(item);
      pump();
    });
    shown.appendChild(again);
  }

  // --- news from the server ---------------------------------------------------------------------
  let after = 0;
  let socket = null;
  let socketFailures = 0;
  let heardAt = 0;
  let attempt = 0;
  let reconnectTimer = 0;
  let polling = 0;
  let started = false;

  function take(news) {
    heardAt = Date.now();
    attempt = 0;
    setState('connected');
    if (news.last < after) { location.reload(); return; }  // the chat was erased
    const low = atEnd();
    let firstShown = null;
    let answered = false;
    news.rows.forEach(function (row) {
      after = Math.max(after, row.id);
      const shown = addRow(row);
      answered = row.own ? false : true;
      if (shown && !row.own) firstShown = firstShown || shown;
    });
    if (answered) showTyping(false);
    else if (news.typing) showTyping(true);
    if (firstShown) announce(firstShown, low);
  }

  function announce(shown, low) {
    if (low) reveal(shown);
    else el('newer').hidden = false;
    tellDemo('news');
  }

  function tellDemo(what) {
    if (phone && parent !== window) parent.postMessage({ ngoso: what, phone: phone }, location.origin);
  }

  function connect() {
    clearTimeout(reconnectTimer);
    if (socket || navigator.onLine === false) return;
    if (!window.WebSocket || socketFailures >= 2) { poll(); return; }
    const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
    const mine = phone ? '&phone=' + encodeURIComponent(phone) : '';
    let opened = false;
    const made = new WebSocket(scheme + location.host + '/api/live?after=' + after + mine);
    socket = made;
    made.onopen = function () { opened = true; socketFailures = 0; heardAt = Date.now(); };
    made.onmessage = function (event) { if (socket === made) take(JSON.parse(event.data)); };
    made.onclose = function (event) {
      if (socket !== made) return;
      socket = null;
      if (!opened) socketFailures += 1;
      lost(event.code);
    };
  }

  function lost(code) {
    if (code === 4401) { openSession().then(reconnectSoon, reconnectSoon); return; }
    if (navigator.onLine === false || attempt > 1) setState('offline');
    else setState('connecting');
    reconnectSoon();
  }

  function reconnectSoon() {
    clearTimeout(reconnectTimer);
    attempt += 1;
    reconnectTimer = setTimeout(connect, Math.min(15000, 400 * Math.pow(2, attempt)));
  }

  // Where WebSockets are not let through: ask, and the server answers as soon as there is news.
  function poll() {
    const mine = ++polling;
    const begun = Date.now();
    let wait = 0;  // the first answer comes at once and shows that we are connected
    function again() {
      if (mine !== polling || socket) return;
      if (Date.now() - begun > 300000) { socketFailures = 1; connect(); return; }
      ask('GET', '/api/messages?wait=' + wait + '&after=' + after).then(function (news) {
        if (mine !== polling) return;
        take(news);
        wait = 25;
        setTimeout(again, 50);
      }, function (error) {
        if (mine !== polling) return;
        if (!(error instanceof Refused)) socketFailures = 1;
        lost(error.status === 401 ? 4401 : 0);
      });
    }
    again();
  }

  function hangUp() {
    const old = socket;
    socket = null;
    polling += 1;
    if (old) old.close();
  }

  window.addEventListener('offline', function () { hangUp(); setState('offline'); });
  window.addEventListener('online', function () {
    socketFailures = 0;
    attempt = 0;
    if (started) { setState('connecting'); hangUp(); connect(); }
  });
  document.addEventListener('visibilitychange', function () {
    if (document.hidden || !started) return;
    if (Date.now() - heardAt > 25000) { hangUp(); connect(); }
  });
  setInterval(function () {
    if (socket && Date.now() - heardAt > SILENT_MS) { hangUp(); lost(0); }
  }, 5000);

  // --- photo, voice, location -------------------------------------------------------------------
  function toBlob(data) {
    const raw = atob(data.slice(data.indexOf(',') + 1));
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return new Blob([bytes]);
  }

  function sendBlob(blob, kind) {
    if (blob.size > limits.max_upload_bytes) { notice(limits.too_large); return; }
    const reader = new FileReader();
    reader.onload = function () { send({ data: reader.result, kind: kind }); };
    reader.readAsDataURL(blob);
  }

  // Redrawn small: kind to a slow network, and it leaves behind where the photo was taken.
  function sendPhoto(file) {
    const url = URL.createObjectURL(file);
    const image = new Image();
    image.onload = function () {
      const scale = Math.min(1, MAX_PHOTO_PX / Math.max(image.width, image.height));
      const canvas = document.createElement('canvas');
      canvas.width = Math.round(image.width * scale);
      canvas.height = Math.round(image.height * scale);
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(url);
      if (!canvas.toBlob) { sendBlob(file, 'photo'); return; }
      canvas.toBlob(function (small) { sendBlob(small || file, 'photo'); }, 'image/jpeg', 0.82);
    };
    image.onerror = function () { URL.revokeObjectURL(url); sendBlob(file, 'photo'); };
    image.src = url;
  }

  function canRecord() {
    return Boolean(window.MediaRecorder && navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
  }

  let recorder = null;
  let recordTimer = 0;

  function record() {
    navigator.mediaDevices.getUserMedia({ audio: true }).then(function (stream) {
      const chunks = [];
      recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24000 });
      recorder.ondataavailable = function (event) { chunks.push(event.data); };
      recorder.onstop = function () {
        stream.getTracks().forEach(function (track) { track.stop(); });
        if (recorder.wanted) sendBlob(new Blob(chunks, { type: recorder.mimeType }), 'voice');
        recorder = null;
        showRecorder(false);
      };
      recorder.start();
      showRecorder(true);
    }).catch(function () { notice(words.voice_denied); });
  }

  function showRecorder(on) {
    clearInterval(recordTimer);
    el('writing').hidden = on;
    el('recorder').hidden = !on;
    if (!on) { el('voice').focus(); return; }
    let seconds = 0;
    el('timer').textContent = '0:00';
    el('voice-send').focus();
    recordTimer = setInterval(function () {
      seconds += 1;
      el('timer').textContent = Math.floor(seconds / 60) + ':' + ('0' + seconds % 60).slice(-2);
      if (seconds >= MAX_VOICE_S) stopRecording(true);
    }, 1000);
  }

  function stopRecording(wanted) {
    if (!recorder || recorder.state === 'inactive') return;
    recorder.wanted = wanted;
    recorder.stop();
  }

  function canLocate() { return Boolean(navigator.geolocation) && window.isSecureContext !== false; }

  function sendPlace() {
    notice(words.place_finding);
    navigator.geolocation.getCurrentPosition(function (found) {
      notice('');
      send({ place: { lat: found.coords.latitude, lon: found.coords.longitude } });
    }, function () { notice(words.place_denied); }, { timeout: 20000, maximumAge: 60000, enableHighAccuracy: true });
  }

  // --- the composer -----------------------------------------------------------------------------
  function grow() {
    const low = atEnd();
    input.style.height = 'auto';
    input.style.height = Math.min(input.scrollHeight + 4, 168) + 'px';
    if (low) toEnd();
  }

  function sendText() {
    const text = input.value.trim();
    if (!text) { input.focus(); return; }
    if (text.length > limits.max_text_chars) { notice(limits.too_long); return; }
    input.value = '';
    grow();
    send({ text: text });
    input.focus();
  }

  function wire() {
    el('composer').addEventListener('submit', function (event) { event.preventDefault(); sendText(); });
    input.addEventListener('input', grow);
    input.addEventListener('keydown', function (event) {
      // 229: the Vietnamese keyboard is still putting a word together.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      sendText();
    });
    el('photo').addEventListener('click', function () { el('file').click(); });
    el('file').addEventListener('change', function () {
      if (this.files[0]) sendPhoto(this.files[0]);
      this.value = '';
    });
    el('voice').addEventListener('click', record);
    el('voice-cancel').addEventListener('click', function () { stopRecording(false); });
    el('voice-send').addEventListener('click', function () { stopRecording(true); });
    el('place').addEventListener('click', sendPlace);
    el('newer').addEventListener('click', toEnd);
    el('older').addEventListener('click', loadOlder);
    el('notice-close').addEventListener('click', function () { notice(''); });
    scroll.addEventListener('scroll', function () { if (atEnd()) el('newer').hidden = true; });
    document.addEventListener('focusin', function () { tellDemo('read'); });
    let low = true;
    scroll.addEventListener('scroll', function () { low = atEnd(); });
    window.addEventListener('resize', function () { if (low) toEnd(); });
    if (window.visualViewport) window.visualViewport.addEventListener('resize', fit);
  }

  // iPhones lay the keyboard over the page instead of making it smaller.
  function fit() {
    const covered = window.innerHeight - window.visualViewport.height > 80;
    app.style.height = covered && window.visualViewport.scale < 1.05 ? window.visualViewport.height + 'px' : '';
    if (covered) window.scrollTo(0, 0);
  }

  function say() {
    ['send', 'photo', 'voice', 'place'].forEach(function (id) {
      el(id).querySelector('span').textContent = words[id];
    });
    input.placeholder = words.write;
    input.setAttribute('aria-label', words.write);
    log.setAttribute('aria-label', words.log);
    el('typing-words').textContent = words.typing;
    el('older').textContent = words.older;
    el('newer').textContent = '↓ ' + words.newer;
    el('notice-close').textContent = words.close;
    el('recording').textContent = words.recording;
    el('voice-cancel').textContent = words.voice_cancel;
    el('voice-send').textContent = words.voice_send;
    el('voice').hidden = !canRecord();
    el('place').hidden = !canLocate();
    app.hidden = false;
  }

  // --- history and start --------------------------------------------------------------------------
  function showHistory(history) {
    history.rows.forEach(function (row) {
      addRow(row);
      oldest = oldest ? Math.min(oldest, row.id) : row.id;
    });
    el('older').hidden = !history.more;
  }

  function loadOlder() {
    const height = scroll.scrollHeight;
    ask('GET', '/api/messages?before=' + oldest).then(function (history) {
      showHistory(history);
      scroll.scrollTop += scroll.scrollHeight - height;
    }, function (error) { notice(error.words || words.offline); });
  }

  function loadHistory() {
    return ask('GET', '/api/messages').catch(function (error) {
      if (error.status !== 401) throw error;
      return openSession().then(function () { return ask('GET', '/api/messages'); });
    });
  }

  function begin(history) {
    loadQueue();
    showHistory(history);
    history.rows.forEach(function (row) { after = Math.max(after, row.id); });
    toEnd();
    log.setAttribute('aria-live', 'polite');
    started = true;
    const start = query.get('start') || query.get('join');
    if (start) {
      send({ text: '/start ' + start });
      window.history.replaceState(null, '', location.pathname);
    } else if (!history.rows.length && !queue.length) {
      // The same id in every tab, so that a first visit greets once.
      send({ id: 'hello-' + Math.floor(Date.now() / 86400000), text: '/start' });
    }
    pump();
    connect();
  }

  function load(tries) {
    setState('connecting');
    openSession().then(loadHistory).then(begin, function (error) {
      if (error instanceof Refused && error.words) notice(error.words);
      if (!(error instanceof Refused)) setState('offline');
      setTimeout(function () { load(tries + 1); }, error.waitMs || Math.min(15000, 1000 * tries));
    });
  }

  function loadWords() {
    return ask('GET', '/api/words').then(function (answer) {
      store.set('words', JSON.stringify(answer));
      return answer;
    }, function () {
      const kept = store.get('words');
      if (kept) return JSON.parse(kept);
      return new Promise(function (done) { setTimeout(done, 2000); }).then(loadWords);
    });
  }

  loadWords().then(function (answer) {
    words = answer.words;
    limits = answer;
    say();
    wire();
    load(1);
  });
})();
