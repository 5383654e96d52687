import { useMemo, type RefObject } from 'react';
import type { Size } from './drawing';

export interface View { show: (size: Size) => void; fit: () => void; zoom: (by: number) => void; wasDragged: () => boolean }

const [LEAST, MOST] = [0.05, 4];
const bound = (scale: number) => Math.min(MOST, Math.max(LEAST, scale));

/** Moves and zooms the picture in its window: by wheel, by dragging, by two fingers, by the arrow keys and + and -. Placed once a frame. */
export function useView(holder: RefObject<HTMLDivElement | null>): View {
  return useMemo(() => {
    let [x, y, scale, shown, dragged, planned, moved] = [0, 0, 1, false, false, false, false];
    let settling = 0;
    let size: Size = { width: 0, height: 0 };
    const picture = () => holder.current?.querySelector('svg');
    const place = () => {
      if (planned) return;
      planned = true;
      requestAnimationFrame(() => {
        planned = false;
        const one = picture();
        if (one) one.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
      });
    };
    // A layer of its own is moved without being painted. Zoomed, it is slower than painting what is seen, and it keeps the sharpness with which
    // it was made: it is given up for the time of a zoom, and made anew when that is over.
    const zooming = () => {
      const one = picture();
      if (one) one.style.willChange = 'auto';
      window.clearTimeout(settling);
      settling = window.setTimeout(() => { const later = picture(); if (later) later.style.willChange = ''; }, 250);
    };
    const zoomAt = (by: number, px: number, py: number) => {
      const next = bound(scale * by);
      moved = true;
      zooming();
      x = px - ((px - x) * next) / scale;
      y = py - ((py - y) * next) / scale;
      scale = next;
      place();
    };
    const fit = () => {
      const window = holder.current;
      if (!window || size.width === 0) return;
      const { width, height } = size;
      scale = bound(Math.min(window.clientWidth / width, window.clientHeight / height, 1));
      x = (window.clientWidth - width * scale) / 2;
      y = Math.max(0, (window.clientHeight - height * scale) / 2);
      moved = false;
      place();
    };
    const listen = (window: HTMLDivElement) => {
      new ResizeObserver(() => { if (!moved) fit(); }).observe(window);
      const fingers = new Map<number, PointerEvent>();
      const inside = (event: { clientX: number; clientY: number }) => {
        const box = window.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top] as const;
      };
      window.addEventListener('wheel', (event) => { event.preventDefault(); zoomAt(Math.exp(-event.deltaY / 400), ...inside(event)); }, { passive: false });
      window.addEventListener('pointerdown', (event) => { fingers.set(event.pointerId, event); dragged = false; });
      window.addEventListener('pointermove', (event) => {
        const before = fingers.get(event.pointerId);
        if (!before) return;
        const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
        if (other) {
          const apart = (one: PointerEvent) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
          zoomAt(apart(event) / apart(before), ...inside(other));
        } else {
          x += event.clientX - before.clientX;
          y += event.clientY - before.clientY;
          moved = true;
          place();
        }
        if (Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY) > 2) { dragged = true; window.setPointerCapture(event.pointerId); }
        fingers.set(event.pointerId, event);
      });
      for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) window.addEventListener(end, (event) => fingers.delete(event.pointerId));
      window.addEventListener('keydown', (event) => {
        const step: Record<string, [number, number]> = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
        const by = step[event.key];
        if (by) { moved = true; x += by[0]; y += by[1]; place(); event.preventDefault(); }
        if (event.key === '+' || event.key === '-') zoomAt(event.key === '+' ? 1.2 : 1 / 1.2, window.clientWidth / 2, window.clientHeight / 2);
      });
    };
    return {
      fit,
      // It fits the window, whatever its size, until somebody moves it.
      show: (now) => { size = now; if (!shown && holder.current) { listen(holder.current); shown = true; } if (!moved) fit(); },
      zoom: (by) => zoomAt(by, (holder.current?.clientWidth ?? 0) / 2, (holder.current?.clientHeight ?? 0) / 2),
      wasDragged: () => dragged,
    };
  }, [holder]);
}
