"""What is drawn or printed, and not written. Each module finds one kind, which the others miss.

These look at pixels, before there are pieces of ink:

| module | finds | by |
| --- | --- | --- |
| `ruled_paper` | ruling and squares | curves across the page, also where these are hardly darker than the paper |
| `rules` | rules, underlines, lines and boxes of forms | long straight thin ink, level or upright |
| `sloping_lines` | the same, made to slope by a photograph | lines longer still, three or more, that hardly bend |
| `combs` | dividers between places for single characters | short uprights, alike and evenly spaced, along level lines |

These look at pieces of ink:

| module | finds | by |
| --- | --- | --- |
| `checkboxes` | boxes to tick | four straight sides |
| `dotted_lines` | dotted lines | twelve or more dots, alike and evenly spaced |
| `torn_lines` | dashed lines, and what noise leaves of rules | fifteen or more low pieces on a line, at any distance |
| `dot_grids` | dotted paper | dots that stand amid their neighbours |
| `binder_holes` | holes of a spiral or a binder | six or more, alike and evenly spaced, thicker than a pen |
| `slivers` | strips of the table | narrow pieces along a side of the image, far from letters |

`struck_out` looks at rows of text, and finds strokes through words and scribbles over them.

`lines`, `chains` and `ruling_curves` are tools of the other modules: morphology along lines, pieces that follow one
another, and curves through what was found of a line. `rules` calls `sloping_lines` and `combs`. `app.vision.look` calls
`ruled_paper`, `app.vision.segment` calls `struck_out`, and `app.vision.writing` calls the rest.
"""
