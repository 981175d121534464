import { getAlbum, listAlbums } from "../core/domain/catalogue/albums.ts";
import { getArtist, listArtists } from "../core/domain/catalogue/artists.ts";
import {
  type CatalogueDeps,
  deleteSong,
  getSong,
  listSongs,
  patchSong,
} from "../core/domain/catalogue/songs.ts";
import { type HttpDeps, restHandler } from "./http/handler.ts";

export const createCatalogueHandler = restHandler<"catalogue", HttpDeps & CatalogueDeps>("catalogue", {
  listSongs,
  getSong,
  patchSong,
  deleteSong,
  listAlbums,
  getAlbum,
  listArtists,
  getArtist,
});
