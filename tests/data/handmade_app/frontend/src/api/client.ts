import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Note = components["schemas"]["NoteRead"];
export type Tag = components["schemas"]["TagRead"];

let token = "";

export const setToken = (value: string) => {
  token = value;
};

export const api = createClient<paths>({ baseUrl: location.origin, fetch: (request: Request) => fetch(request) });

api.use({
  onRequest({ request }) {
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
});
