"""What is known of a character from all around it: its row, its word, its page, the language.

How it adds up: `app.ocr.decode` first asks `spacing` for the spaces, so that it is known which glyphs make a word. Then
`context` weighs all glyphs of the page by each other, again and again. The log-probability of a class is, in nats and
up to a constant,

    log p = looks + place + kind + practice + brackets

`looks` is what the networks say; the others follow from what the glyphs of the page have become so far. There are four
such rounds. In the first two, `practice` is 0, and `kind` imagines as many glyphs of each kind. From the third on these
two hear the rest of the page: `kind` imagines glyphs of the kinds that the other rows have, and `practice` is

    log (s * turn + (1 - s) * (d * drilled + (1 - d) * page))

s and d are how likely, by its other glyphs, the row is a succession and a drill; `turn` is the character whose turn it
is, `drilled` the shape that is repeated, and `page` the shapes that the page is full of. Behind the last round the
drills of the page agree on which characters of these shapes are practised.

With a language, `words` and then `dates` weigh what has come out. None of this changes a space; at the very end, and
not with a pattern, `practice_spacing` does.

| module | weighs | how | is called by |
| --- | --- | --- | --- |
| `spacing` | spaces | means of log-odds, by the row network and by the gaps; then mixes by marks | `app.ocr.decode` |
| `cell_spacing` | spaces in a comb | replaces those | `spacing` |
| `context` | glyphs | computes the sum | `app.ocr.decode` |
| `place` | top and bottom of a glyph; the height of a drill | adds nats | `context`; `practice_set` |
| `kind` | glyphs, beside others of word, row and page | adds nats | `context` |
| `letter_case` | letters, beside others of word and page | replaces the shares of capitals and small ones | `kind` |
| `brackets` | brackets, beside those of three rows | adds nats | `context` |
| `practice` | glyphs, beside those of the page | adds nats; at the end mixes, within drills | `context` |
| `page` | glyphs, beside those of the page | is what `drill` mixes with | `practice` |
| `drill` | rows, beside each other | mixes `page` with what a row repeats | `practice` |
| `succession` | rows, beside each other | mixes that with the character whose turn it is | `practice` |
| `practice_set` | drills, beside each other | says which classes a row repeats | `practice` |
| `words` | words; marks in them | mixes three explanations; adds log-odds | `app.ocr.decode`, as a `Prior` |
| `word_likelihood` | words | says what each of the three explains | `words` |
| `dates` | figures | mixes dates with anything | `app.ocr.decode`, as a `Prior` |
| `practice_spacing` | spaces in practice and alphabets | raises them | `app.ocr.decode` |

`practice`, `drill`, `succession`, `practice_set` and `practice_spacing` are in the folder `practice`.

`language`, `lexicon` and `date_forms` hold what is known beforehand; the search for a row's text asks them, too
(`app.ocr.spelling.prefix_scorer`). `substitution` is for patterns: which characters are taken for which. `prior` and
`page_rows` are the types that all share.
"""
