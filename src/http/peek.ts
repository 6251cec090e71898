import type { Socket } from 'node:net';

/**
 * Waits for the first two bytes of a connection, puts them back and tells whether they are `M-`. A connection that sends
 * nothing for that long, or ends before, is closed.
 */
export function peek(socket: Socket, milliseconds: number, decide: (mandatory: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), milliseconds);
  const fail = () => socket.destroy();
  const leave = () => {
    clearTimeout(timer);
    socket.off('readable', look).off('error', fail).off('end', fail).off('close', leave);
  };
  const look = () => {
    const first = socket.read(2) as Buffer | null;
    if (first === null) return;
    leave();
    socket.unshift(first);
    decide(first.toString('latin1') === 'M-');
  };
  socket.on('readable', look).on('error', fail).on('end', fail).on('close', leave);
}
