import * as Type from "typebox";
import * as catalogue from "../../core/contract/catalogue.ts";
import { Id } from "../../core/contract/common.ts";
import * as uploads from "../../core/contract/uploads.ts";
import { noContent } from "./common.ts";
import type { Route } from "./route.ts";

const uploadParams = Type.Object({ uploadId: Id });

export const uploadOperations = [
  {
    area: "uploads",
    operation: "startUpload",
    method: "POST",
    path: "/api/uploads",
    summary: "Start or resume an upload",
    access: "curator",
    body: uploads.UploadInput,
    success: { status: 200, schema: uploads.UploadStarted },
    problems: ["upload-quota", "not-found", "conflict"],
  },
  {
    area: "uploads",
    operation: "completeUpload",
    method: "POST",
    path: "/api/uploads/{uploadId}/complete",
    summary: "Check the bytes and make a song of them",
    access: "curator",
    params: uploadParams,
    success: { status: 201, schema: catalogue.Song },
    accepted: uploads.UploadStatus,
    problems: ["not-found", "bad-audio", "conflict"],
  },
  {
    area: "uploads",
    operation: "getUpload",
    method: "GET",
    path: "/api/uploads/{uploadId}",
    summary: "How far an upload is, and for a day what became of it",
    access: "curator",
    params: uploadParams,
    success: { status: 200, schema: uploads.UploadStatus },
    problems: ["not-found"],
  },
  {
    area: "uploads",
    operation: "abortUpload",
    method: "DELETE",
    path: "/api/uploads/{uploadId}",
    summary: "Give an upload up",
    access: "curator",
    params: uploadParams,
    success: noContent,
    problems: ["not-found", "conflict"],
  },
] as const satisfies readonly Route[];
