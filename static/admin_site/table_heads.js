/* Buttons that make the first row or the first column of a table its head, or plain cells again. */
import { Extension } from "django-prose-editor/editor";

// What is drawn stands in a square of 24; the head is filled.
const FRAME = '<rect x="3" y="3" width="18" height="18" rx="2"/>';
const DRAWN = {
  row: `${FRAME}<rect x="3" y="3" width="18" height="6" fill="currentColor"/><path d="M3 15h18M9 9v12M15 9v12"/>`,
  column: `${FRAME}<rect x="3" y="3" width="6" height="18" fill="currentColor"/><path d="M15 3v18M9 9h12M9 15h12"/>`,
};

function picture(shapes) {
  const look = 'width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"';
  return `<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" ${look}>${shapes}</svg>`;
}

export const TableHeads = Extension.create({
  name: "tableHeads",
  addMenuItems({ buttons, menu }) {
    const define = (name, command, drawn, title) =>
      menu.defineItem({
        name,
        groups: "table",
        command: (editor) => command(editor.chain().focus()).run(),
        button: buttons.svg(picture(drawn), title),
        hidden: (editor) => !editor.isActive("table"),
      });
    define("table:toggleHeaderRow", (chain) => chain.toggleHeaderRow(), DRAWN.row, "toggleHeaderRow");
    define("table:toggleHeaderColumn", (chain) => chain.toggleHeaderColumn(), DRAWN.column, "toggleHeaderColumn");
  },
});
