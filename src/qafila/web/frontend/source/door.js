// The buyer's page works without this. With it, one touch tells where the door is.
const form = document.querySelector("[data-door]"), here = form?.querySelector("[data-here]");
if (here && navigator.geolocation) {
  here.hidden = false;
  here.addEventListener("click", () => {
    here.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.elements.lon.value = coords.longitude.toFixed(6);
        form.elements.where.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
        form.requestSubmit();
      },
      () => { here.disabled = false; here.hidden = true; form.elements.where.focus(); },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
}
