import { useEffect, useState } from 'react';
import { hear } from '../data/lab';

/** The picture as the daemon draws it: a text of one line a box and a line. */
export interface Picture { text?: string; error?: string }

/** The picture, fetched anew whenever something changes. */
export function usePicture(): Picture {
  const [picture, setPicture] = useState<Picture>({});
  useEffect(() => {
    let [busy, again, gone] = [false, false, false];
    const fetchIt = async () => {
      if (busy) { again = true; return; }
      busy = true;
      try {
        const answer = await fetch('/_vpclab/console/topology.svg');
        const text = await answer.text();
        if (!gone) setPicture(answer.ok && text.startsWith('<svg ') ? { text } : { error: 'The picture could not be drawn.' });
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
