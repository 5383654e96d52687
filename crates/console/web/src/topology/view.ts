import { useMemo, type RefObject } from 'react';

export interface View { show: () => void; fit: () => void; zoom: (by: number) => void; wasDragged: () => boolean }

const [LEAST, MOST] = [0.05, 4];
const bound = (scale: number) => Math.min(MOST, Math.max(LEAST, scale));

/** Moves and zooms the picture in its window: by wheel, by dragging, by two fingers, by the arrow keys and + and -. */
export function useView(holder: RefObject<HTMLDivElement | null>, svg?: SVGSVGElement): View {
  return useMemo(() => {
    let [x, y, scale, shown, dragged] = [0, 0, 1, false, false];
    const picture = () => holder.current?.querySelector('svg');
    const place = () => { const one = picture(); if (one) one.style.transform = `translate(${x}px, ${y}px) scale(${scale})`; };
    const zoomAt = (by: number, px: number, py: number) => {
      const next = bound(scale * by);
      x = px - ((px - x) * next) / scale;
      y = py - ((py - y) * next) / scale;
      scale = next;
      place();
    };
    const fit = () => {
      const [one, window] = [picture(), holder.current];
      if (!one || !window) return;
      const [width, height] = [Number(one.getAttribute('width')), Number(one.getAttribute('height'))];
      scale = bound(Math.min(window.clientWidth / width, window.clientHeight / height, 1));
      x = (window.clientWidth - width * scale) / 2;
      y = Math.max(0, (window.clientHeight - height * scale) / 2);
      place();
    };
    const listen = (window: HTMLDivElement) => {
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
          place();
        }
        if (Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY) > 2) { dragged = true; window.setPointerCapture(event.pointerId); }
        fingers.set(event.pointerId, event);
      });
      for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) window.addEventListener(end, (event) => fingers.delete(event.pointerId));
      window.addEventListener('keydown', (event) => {
        const step: Record<string, [number, number]> = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
        const by = step[event.key];
        if (by) { x += by[0]; y += by[1]; place(); event.preventDefault(); }
        if (event.key === '+' || event.key === '-') zoomAt(event.key === '+' ? 1.2 : 1 / 1.2, window.clientWidth / 2, window.clientHeight / 2);
      });
    };
    return {
      fit,
      show: () => { if (!shown && holder.current) { listen(holder.current); shown = true; fit(); } place(); },
      zoom: (by) => zoomAt(by, (holder.current?.clientWidth ?? 0) / 2, (holder.current?.clientHeight ?? 0) / 2),
      wasDragged: () => dragged,
    };
  }, [holder, svg === undefined]);
}
