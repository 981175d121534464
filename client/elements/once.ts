/** A click's listener that takes a double-click for one: by the second click people mean no other thing. */
export const once =
  (act: () => void) =>
  ({ detail }: Pick<UIEvent, "detail">): void => {
    if (detail <= 1) act();
  };
