import { describe, expect, it } from "vitest";
import { tidyPath, viewAt, viewPaths } from "../../../core/domain/views.ts";

const viewOf = (address: string) => {
  const { pathname, searchParams } = new URL(address, "http://localhost");
  return viewAt(pathname, searchParams);
};

describe("The view at an address", () => {
  it.each([
    ["/", { page: "library", q: "" }],
    ["/?q=m%C3%BCll%26", { page: "library", q: "müll&" }],
    ["/albums", { page: "albums" }],
    ["/albums/a%2Fb", { page: "album", id: "a/b" }],
    ["/albums/%E0%A4%A", { page: "album", id: "%E0%A4%A" }],
    ["/artists/x", { page: "artist", id: "x" }],
    ["/songs/aBc", { page: "song", id: "aBc" }],
    ["/subscriptions", { page: "subscriptions" }],
    ["/register", { page: "register" }],
    ["/account/", { page: "not-found" }],
    ["/Albums", { page: "not-found" }],
    ["/artists", { page: "not-found" }],
    ["/albums/", { page: "not-found" }],
    ["/albums/a/b", { page: "not-found" }],
    ["/constructor", { page: "not-found" }],
    ["/constructor/x", { page: "not-found" }],
    ["/docs", { page: "not-found" }],
  ])("%s", (address, view) => {
    expect(viewOf(address)).toEqual(view);
  });
});

describe("The path that is meant by", () => {
  it.each([
    ["/Albums", "/albums"],
    ["/ALBUMS/", "/albums"],
    ["//albums", "/albums"],
    ["/albums//aBc/", "/albums/aBc"],
    ["/Album/aBc", "/albums/aBc"],
    ["/SONGS/a%2FB", "/songs/a%2FB"],
    ["/song/x", "/songs/x"],
    ["/songs", "/"],
    ["/search", "/"],
    ["/index.html", "/"],
    ["/%41lbums", "/albums"],
    ["/albums%20", "/albums"],
    ["/login", "/sign-in"],
    ["/Docs/", "/docs"],
    ["//", "/"],
    ["//evil.example", undefined],
    ["//evil.example/albums", undefined],
    ["/\\evil.example", undefined],
    ["/albums/a/b", undefined],
    ["/nothing", undefined],
    ["/artists", undefined],
    ["/:id", undefined],
    ["/constructor", undefined],
    ["/__proto__/x", undefined],
  ])("%s", (path, meant) => {
    expect(tidyPath(path)).toBe(meant);
  });

  it("a view's own path is that path", () => {
    for (const path of viewPaths) expect(tidyPath(path)).toBe(path);
  });
});
