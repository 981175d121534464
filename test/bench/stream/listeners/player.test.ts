import { expect, it } from "vitest";
import { bytesPerSecond, createPlayer } from "./player.ts";

it("begins with half a second in its buffer, and not before", () => {
  const player = createPlayer();
  player.receive(bytesPerSecond / 2 - 1);
  player.play(1000);
  expect(player.heard).toEqual({ playedMs: 0, stutters: 0, silentMs: 0 });
  player.receive(1);
  player.play(100);
  expect(player.heard).toEqual({ playedMs: 100, stutters: 0, silentMs: 0 });
});

it("counts each time that the music stops, and how long it is silent", () => {
  const player = createPlayer();
  player.receive(bytesPerSecond);
  player.play(750);
  expect(player.heard).toEqual({ playedMs: 750, stutters: 0, silentMs: 0 });
  player.play(500);
  player.play(100);
  expect(player.heard).toEqual({ playedMs: 1000, stutters: 1, silentMs: 350 });
  player.receive(bytesPerSecond / 10);
  player.play(100);
  expect(player.heard).toEqual({ playedMs: 1100, stutters: 1, silentMs: 350 });
  player.play(50);
  expect(player.heard).toEqual({ playedMs: 1100, stutters: 2, silentMs: 400 });
});

it("wants no more than ten seconds ahead", () => {
  const player = createPlayer();
  player.receive(10 * bytesPerSecond);
  expect(player.isFull).toBe(true);
  player.play(1);
  expect(player.isFull).toBe(false);
});
