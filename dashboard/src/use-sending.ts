import { useRef } from 'react';

/** Gives a function that sends one thing at a time: a double click is one wish, and the answer to its second half would be an objection. */
export function useSending(): (send: () => Promise<unknown>) => void {
  const isSending = useRef(false);
  return (send) => {
    if (isSending.current) return;
    isSending.current = true;
    void send().finally(() => {
      isSending.current = false;
    });
  };
}
