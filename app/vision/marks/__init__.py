"""What is drawn or printed, and not written. Each module finds one kind, which the others miss.

Lines, on pixels, before there are pieces of ink:

| module | finds | by |
| --- | --- | --- |
| `ruled_paper` | ruling and squares | curves across the page at half the darkness of ink; it alone looks at greys |
| `rules` | rules, underlines, lines and boxes of forms | long straight thin ink, level or upright |
| `sloping_lines` | the same, made to slope by a photograph | lines longer still, three or more, that hardly bend |
| `combs` | what divides places for single characters | uprights as high as letters, alike, along such lines |

Pieces of ink:

| module | finds | by |
| --- | --- | --- |
| `checkboxes` | boxes to tick | four straight sides |
| `dotted_lines` | dotted lines | twelve or more dots, alike and evenly spaced |
| `torn_lines` | dashed lines, and what noise leaves of rules | fifteen or more low pieces on a line, at any distance |
| `dot_grids` | dotted paper | dots that stand amid their neighbours |
| `binder_holes` | holes of a spiral or a binder | six or more, alike and evenly spaced, thicker than a pen |
| `slivers` | strips of the table | narrow pieces along a side of the image, far from letters |

And within a row of text `struck_out` finds strokes through words and scribbles over them.

`lines` has the morphology along lines that these use, `chains` how pieces follow one another. `rules` calls
`sloping_lines` and `combs`; the others are called by `app.vision.look` and `app.vision.segment` and, on
pieces, by `app.vision.writing`.
"""
