"""What the surroundings of a character say about it: its row, its word, its page, the language.

How it adds up: `app.ocr.decode_lines` first asks `spacing` where the spaces are, and so which glyphs make a word. Then
`context` weighs all glyphs of the page by each other in several rounds. The log-probability of a class is, in nats and
up to a constant,

    log p = looks + place + kind + practice + brackets

`looks` is what the networks say. The other terms follow from what the glyphs of the page are thought to be after the
round before. There are four rounds. In the first two, a row does not hear of other rows: `practice` is 0, and `kind`
adds a few imagined glyphs, as many of each kind. From the third on, `kind` adds glyphs of the kinds that the other rows
have, and `practice` is

    log (s * turn + (1 - s) * (d * drilled + (1 - d) * page))

s and d are the probabilities, by its other glyphs, that the row is a succession (an alphabet, digits in order) and that
it is a drill (one character repeated). `turn` is the distribution of the character whose turn it is, `drilled` that of
the repeated shape, and `page` that of the shapes of the page. After the last round the drills of the page agree on
which characters of their shapes are practised.

With a language, `words` and then `dates` weigh the result. None of this changes a space; `practice_spacing` does so at
the very end, unless there is a pattern.

| module | weighs | how | is called by |
| --- | --- | --- | --- |
| `spacing` | spaces | means of log-odds, by the row network and by the gaps; then mixes by marks | `decode_lines` |
| `cell_spacing` | spaces in a comb | replaces those | `spacing` |
| `context` | glyphs | computes the sum | `decode_lines` |
| `place` | top and bottom of a glyph; the height of a drill | adds nats | `context`; `practice_set` |
| `kind` | glyphs, beside others of word, row and page | adds nats | `context` |
| `letter_case` | letters, beside others of word and page | replaces the shares of capitals and small ones | `kind` |
| `brackets` | brackets, beside those of three rows | adds nats | `context` |
| `practice` | glyphs, beside those of the page | adds nats; at the end mixes, within drills | `context` |
| `page` | glyphs, beside those of the page | is what `drill` mixes with | `practice` |
| `drill` | rows, beside each other | mixes `page` with what a row repeats | `practice` |
| `succession` | rows, beside each other | mixes that with the character whose turn it is | `practice` |
| `practice_set` | drills, beside each other | says which classes a row repeats | `practice` |
| `words` | words; marks in them | mixes three explanations; adds log-odds | `decode_lines`, as a `Prior` |
| `word_likelihood` | words | says what each of the three explains | `words` |
| `dates` | figures | mixes dates with anything | `decode_lines`, as a `Prior` |
| `practice_spacing` | spaces in practice and alphabets | raises them | `decode_lines` |

`practice`, `drill`, `succession`, `practice_set` and `practice_spacing` are in the folder `practice`.

`language`, `lexicon` and `date_forms` hold what is known beforehand; the search for a row's text asks them, too
(`app.ocr.spelling.prefix_scorer`). `substitution` is for patterns: which characters are taken for which. `prior` and
`page_rows` are the types that all share.
"""
