// In each page under runserver: load it anew, or its stylesheets only, when their source has changed.
// `since` is when this page was asked for, or the last change that was told to it.
// The answer to a form is not loaded anew, for that would send the form again; it takes all its stylesheets, and an
// error's page says that there is something new.
{
  const script = document.currentScript;
  const born = script.dataset.since;
  const swapped = new WeakSet();
  let since = born;
  let events = null;
  // A page that a service worker or a proxy gives out of its store would be loaded again for ever.
  try { if (sessionStorage.miniframeReloaded === born) since = ""; } catch {}

  const swap = (link, id) => {
    const next = link.cloneNode();
    const url = new URL(link.href);
    url.searchParams.set("miniframe", id);
    next.href = url;
    next.onload = () => link.remove();
    next.onerror = () => { next.remove(); swapped.delete(link); };
    swapped.add(link);
    link.after(next);
  };
  const restyle = ({ data, lastEventId }) => {
    const links = [...document.querySelectorAll("link[rel~=stylesheet][href]")].filter(
      (link) => !swapped.has(link) && link.href.startsWith(location.origin + "/"));
    const named = links.filter((link) => new URL(link.href).pathname.endsWith("/" + encodeURI(data)));
    // None has that name: perhaps one imports it.
    (named.length ? named : links).forEach((link) => swap(link, lastEventId));
  };
  const reload = (event) => {
    if ("stays" in script.dataset) {
      document.getElementById("miniframe-changed")?.removeAttribute("hidden");
      return restyle(event);
    }
    events?.close();
    try { sessionStorage.miniframeReloaded = born; } catch {}
    location.reload();
  };
  // Only a page that is seen listens: browsers allow six connections to a site for all its tabs together.
  const listen = () => {
    if (document.visibilityState === "hidden") {
      events?.close();
      events = null;
    } else if (!events || events.readyState === EventSource.CLOSED) {
      events = new EventSource(`/__miniframe__/events?since=${since}`);
      for (const [name, react] of Object.entries({ hello() {}, reload, style: restyle })) {
        events.addEventListener(name, (event) => { since = event.lastEventId; react(event); });
      }
    }
  };
  document.addEventListener("visibilitychange", listen);
  addEventListener("pageshow", listen);
  // Somebody has followed a link: to reload now would keep them here. Unless it is a download, and the page stays.
  addEventListener("beforeunload", () => {
    events?.close();
    events = null;
    setTimeout(listen, 2000);
  });
  listen();
  script.remove();
}
