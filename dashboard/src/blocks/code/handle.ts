/** What can be asked of a view of code from outside. */
export interface ViewHandle {
  next: () => void;
  previous: () => void;
  search: () => void;
}
