// The live page: listens to the stream, draws the water, writes the log.
"use strict";

(() => {
  const page = document.getElementById("live");
  const at = (id) => document.getElementById(id);
  const LONGEST = 120; // readings in the drawing
  const LINES = 40; // lines of the log that stay
  const readings = [];
  let source = null;
  let patience = 0;

  const say = (text, state) => {
    at("state").textContent = text;
    page.dataset.state = state;
  };

  const draw = () => {
    const low = Math.min(...readings) - 0.05;
    const high = Math.max(...readings) + 0.05;
    const points = readings.map((metres, index) => {
      const x = (index / Math.max(1, LONGEST - 1)) * 300;
      const y = 105 - ((metres - low) / (high - low)) * 100;
      return `${x.toFixed(1)} ${y.toFixed(1)}`;
    });
    at("trace").setAttribute("d", points.length > 1 ? "M" + points.join(" L") : "");
  };

  const onReading = (event) => {
    const { at: clock, metres, rising } = JSON.parse(event.data);
    at("level").textContent = metres.toFixed(2);
    at("going").textContent = rising ? "↑ rising" : "↓ falling";
    at("clock").textContent = `· ${clock} UTC`;
    readings.push(metres);
    if (readings.length > LONGEST) readings.shift();
    page.dataset.readings = String(Number(page.dataset.readings || 0) + 1);
    draw();
  };

  const onEntry = (event) => {
    const { at: clock, kind, text, link } = JSON.parse(event.data);
    const line = document.createElement("li");
    line.className = kind;
    const time = document.createElement("time");
    time.textContent = clock;
    // textContent, never innerHTML: these are words that visitors typed.
    const words = document.createElement(link ? "a" : "span");
    words.textContent = text;
    if (link) words.href = link;
    line.append(time, words);
    at("log").prepend(line);
    while (at("log").children.length > LINES) at("log").lastElementChild.remove();
  };

  // A stream ends by itself after a minute and the browser calls again; only a longer silence is worth a word.
  const onError = () => {
    clearTimeout(patience);
    patience = setTimeout(() => say("The line is down; trying again …", "down"), 4000);
  };

  const onOpen = () => {
    clearTimeout(patience);
    say("Live", "live");
  };

  const start = () => {
    at("log").replaceChildren(); // a new stream begins with the latest lines again
    source = new EventSource(page.dataset.stream);
    source.addEventListener("open", onOpen);
    source.addEventListener("error", onError);
    source.addEventListener("reading", onReading);
    source.addEventListener("entry", onEntry);
    at("pause").textContent = "Pause";
  };

  const stop = () => {
    source.close();
    source = null;
    clearTimeout(patience);
    say("Paused", "paused");
    at("pause").textContent = "Go on";
  };

  at("pause").hidden = false;
  at("pause").addEventListener("click", () => (source ? stop() : start()));
  start();
})();
