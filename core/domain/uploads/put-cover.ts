import { createHash } from "node:crypto";
import type { Song } from "../../contract/catalogue.ts";
import type { Actor } from "../actor.ts";
import { toSong } from "../catalogue/record.ts";
import { DomainError } from "../errors.ts";
import { changeSong } from "./change-song.ts";
import type { ProcessDeps } from "./deps.ts";
import { storeCover } from "./versions.ts";

export type CoverDeps = Pick<ProcessDeps, "songs" | "objects" | "covers" | "newId">;

/**
 * Gives a song another cover, or its first: one write of its row, made when the picture's objects are there. The same
 * picture again changes nothing. Objects of a cover that is replaced, or of a call that broke off, are swept.
 * @throws DomainError `not-found`, `bad-picture`, `conflict`
 */
export async function putCover(
  deps: CoverDeps,
  _actor: Actor,
  { songId, bytes }: { readonly songId: string; readonly bytes: Uint8Array },
): Promise<Song> {
  const hash = createHash("sha256").update(bytes).digest("hex");
  const before = await deps.songs.get(songId);
  if (before?.cover?.hash === hash) return toSong(before);
  if (!before) throw noSuchSong();
  // Keys of its own: the same picture may have been this song's before, and a sweep may be deleting that.
  const cover = await storeCover(deps, `${songId}/${deps.newId()}`, bytes);
  if (!cover) throw new DomainError("bad-picture", "Send a JPEG, PNG, WebP or GIF of at most 50 megapixels");
  const after = await changeSong(deps.songs, songId, (song) => ({ ...song, cover }));
  if (!after) throw noSuchSong();
  return toSong(after);
}

const noSuchSong = () => new DomainError("not-found", "There is no such song");
