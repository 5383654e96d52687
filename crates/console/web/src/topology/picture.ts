import { useEffect, useState } from 'react';
import { hear } from '../data/lab';

/** The picture as the daemon draws it, drawn anew whenever something changes. */
export function usePicture(): { svg?: SVGSVGElement; error?: string } {
  const [picture, setPicture] = useState<{ svg?: SVGSVGElement; error?: string }>({});
  useEffect(() => {
    let [busy, again, gone] = [false, false, false];
    const fetchIt = async () => {
      if (busy) { again = true; return; }
      busy = true;
      try {
        const answer = await fetch('/_vpclab/console/topology.svg');
        const text = await answer.text();
        const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
        if (!gone) setPicture(answer.ok && parsed instanceof SVGSVGElement ? { svg: parsed } : { error: 'The picture could not be drawn.' });
      } catch (why) {
        if (!gone) setPicture((before) => ({ ...before, error: String(why) }));
      }
      busy = false;
      if (again && !gone) { again = false; void fetchIt(); }
    };
    void fetchIt();
    const stops = [hear('hello', () => void fetchIt()), hear('change', () => void fetchIt())];
    return () => { gone = true; stops.forEach((stop) => stop()); };
  }, []);
  return picture;
}
