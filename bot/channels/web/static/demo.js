/* The demo: everybody's phone side by side, and a clock that can be moved forward. */
(function () {
  'use strict';
  var words = {};
  var chips = {};
  function el(id) { return document.getElementById(id); }

  function ask(path, body) {
    var options = { credentials: 'same-origin' };
    if (body) {
      options.method = 'POST';
      options.headers = { 'Content-Type': 'application/json' };
      options.body = JSON.stringify(body);
    }
    return fetch(path, options).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
  }

  function node(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function addPhone(persona) {
    var phone = node('section', 'phone');
    var head = node('header');
    head.appendChild(node('h2', '', persona.title));
    head.appendChild(node('p', '', persona.note));
    var shell = node('div', 'shell');
    var frame = node('iframe');
    frame.title = persona.title;
    frame.setAttribute('allow', 'geolocation; microphone');
    frame.src = '/phone?as=' + encodeURIComponent(persona.key);
    shell.appendChild(frame);
    phone.appendChild(head);
    phone.appendChild(shell);
    el('phones').appendChild(phone);
    addChip(persona, phone, frame);
  }

  function addChip(persona, phone, frame) {
    var chip = node('button', '', persona.title);
    chip.type = 'button';
    chip.addEventListener('click', function () {
      el('phones').scrollLeft = phone.offsetLeft - 10;
      read(persona.key);
      frame.focus();
    });
    chips[persona.key] = { chip: chip, title: persona.title, phone: phone, frame: frame };
    el('jump').appendChild(chip);
  }

  function read(key) {
    chips[key].chip.className = '';
    chips[key].chip.textContent = chips[key].title;
  }

  function isSeen(phone) {
    var at = phone.getBoundingClientRect();
    return at.left > -60 && at.right < window.innerWidth + 60;
  }

  function readSeen() {
    Object.keys(chips).forEach(function (key) { if (isSeen(chips[key].phone)) read(key); });
  }

  // A phone off the screen says that something has come.
  window.addEventListener('message', function (event) {
    var news = event.data || {};
    var known = chips[news.phone];
    if (event.origin !== location.origin || !known) return;
    if (news.ngoso === 'read') return read(news.phone);
    if (news.ngoso !== 'news' || isSeen(known.phone)) return;
    known.chip.className = 'has-news';
    known.chip.textContent = known.title + ' – ' + words.news;
  });

  function steps() { return Array.prototype.slice.call(document.querySelectorAll('.steps button')); }

  function move(button) {
    steps().forEach(function (one) { one.disabled = true; });
    el('said').textContent = words.moving;
    ask('/api/demo/clock', { minutes: Number(button.dataset.minutes) }).then(function (answer) {
      el('time').textContent = answer.time;
      el('said').textContent = words.moved;
      setTimeout(function () { el('said').textContent = ''; }, 4000);
    }, function () {
      el('said').textContent = words.broken;
    }).then(function () {
      steps().forEach(function (one) { one.disabled = false; });
      button.focus();
    });
  }

  function start(demo) {
    words = demo.words;
    el('time').textContent = demo.time;
    el('clock-label').textContent = words.clock;
    el('jump').setAttribute('aria-label', words.phones);
    steps().forEach(function (button) {
      button.textContent = words['plus_' + button.dataset.minutes];
      button.addEventListener('click', function () { move(button); });
    });
    demo.personas.forEach(addPhone);
    el('phones').addEventListener('scroll', readSeen);
    window.addEventListener('resize', readSeen);
    setInterval(function () {
      ask('/api/demo').then(function (now) { el('time').textContent = now.time; }, function () {});
    }, 20000);
  }

  ask('/api/demo').then(start);
})();
