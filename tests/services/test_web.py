"""The page in a real browser: a file is read, looked at, corrected; what cannot be done is told."""

from __future__ import annotations

import pytest
from PIL import Image

from app.config import Settings
from bench.service import Service
from bench.workers import ROOT
from tests.services.browser import Browser

pytestmark = pytest.mark.service

_LABEL = ROOT / "samples" / "parts_label.png"
_TEXT = _LABEL.with_suffix(".txt").read_text(encoding="utf-8")
_MOST_FILES = Settings().max_files
_LIST = ROOT / "samples" / "shopping_list.jpg"
_PROBLEM = "!document.querySelector('#problem').hidden"
_IDLE = "!document.body.hasAttribute('aria-busy')"


def _reads(text):
    return f"document.querySelector('#rows').innerText.startsWith({text!r})"


def _is_in_view(selector):
    place = f"document.querySelector({selector!r}).getBoundingClientRect()"
    return f"{place}.height && {place}.top >= 0 && {place}.bottom <= innerHeight"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def browser(service):
    with Browser() as browser:
        browser.open(f"http://127.0.0.1:{service.port}/")
        yield browser


def test_a_file_is_read_and_each_character_shows_what_else_it_may_be(browser):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART HX-2094-B7"))
    assert browser.run("return document.querySelectorAll('#boxes rect.glyph').length") == len("".join(_TEXT.split()))
    browser.click("#rows li:nth-child(1) span:nth-child(3)")
    assert browser.text("#sure").startswith("R with ")
    assert browser.text("#alternatives button")
    assert browser.run("return document.querySelector('#boxes rect.selected').dataset.number") == "2"
    browser.type("#rows", "\ue014")  # the right arrow
    assert browser.text("#sure").startswith("T with ")
    assert browser.run("return document.querySelector('#correction').elements.text.value") == "PART HX-2094-B7"
    assert browser.complaints() == []


def test_a_character_tells_why_it_was_read_so(browser):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART"))
    before = browser.text("#state")
    browser.click("#rows li:nth-child(2) span:nth-child(4)")
    browser.click("#why")
    browser.wait_for("!document.querySelector('#reasons').hidden")
    widths = "return [...document.querySelectorAll('#reasons img')].map((image) => image.naturalWidth && image.width)"
    browser.wait_for("[...document.querySelectorAll('#reasons img')].every((image) => image.complete)")
    assert min(browser.run(widths)) > 70  # pixels: with less, nobody sees why
    assert browser.text("#against") == "where more ink would speak for 3 (orange) or for z (blue)"
    assert set(browser.run("return [...document.querySelectorAll('#alike img')].map(({ alt }) => alt)")) == {"3"}
    assert (browser.text("#state"), browser.complaints()) == (before, [])


def test_every_network_can_be_looked_into(browser, service):
    browser.open(f"http://127.0.0.1:{service.port}/inside")
    for model in ["handprint/2", "rows/4", "seed/1"]:
        browser.wait_for("document.querySelectorAll('#model option').length")
        browser.run(
            f"const model = document.querySelector('#model'); model.value = {model!r};"
            "model.dispatchEvent(new Event('change'))"
        )
        browser.wait_for(f"document.querySelector('#description').textContent && {_IDLE}")
        for picture in ["confusion", "calibration", "curves", "trained"]:
            assert browser.run(f"return document.querySelector('#{picture}').naturalWidth") > 0, (model, picture)
        assert browser.run("return document.querySelectorAll('#pairs li').length") > 3
        imagined, people = "On what imagined writers wrote.", "On what people wrote ("
        assert browser.text("#counted").startswith(imagined if model.startswith("rows") else people)
        assert browser.text("#calibrated") == imagined  # there are no data
        if model.startswith("rows"):  # whose card has no counts, so that it is measured on what is always at hand
            browser.click("#pairs button")
            browser.wait_for("document.querySelector('#misread').naturalWidth")
    assert browser.complaints() == []


def test_the_confusion_matrix_is_shown_in_full_size_and_fits_again(browser, service):
    browser.open(f"http://127.0.0.1:{service.port}/inside")
    browser.wait_for(f"document.querySelector('#confusion').naturalWidth && {_IDLE}")
    widths = "const { width, naturalWidth } = document.querySelector('#confusion'); return [width, naturalWidth]"
    (fitting, full), narrow = browser.run(widths), browser.run("return innerWidth")
    assert fitting < narrow < full
    browser.type("#enlarge", "\ue007")  # Enter
    assert browser.run(widths) == [full, full]
    assert browser.run("return document.documentElement.scrollWidth") <= narrow  # only the picture is moved
    browser.click("#enlarge")
    assert browser.run(widths) == [fitting, full]
    assert browser.complaints() == []


def test_options_are_read_with(browser):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART"))
    browser.click("summary")
    browser.type("[name=alphabet]", "0123456789\ue007")  # Enter
    browser.wait_for(f"{_IDLE} && /^[0-9\\s]+$/.test(document.querySelector('#rows').innerText)")
    assert browser.complaints() == []


def test_how_sure_a_character_has_to_be_is_asked_for_in_percent(browser):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART HX-2094-B7"))
    browser.click("summary")
    browser.type("[name=abstain_below]", "80\ue007")  # Enter
    browser.wait_for(f"{_IDLE} && {_reads('PART HX-2094-?7')}")
    assert browser.complaints() == []


def test_a_row_is_corrected_with_a_key_and_without_one_the_page_says_what_is_missing(browser, service):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART"))
    browser.click("#rows li:nth-child(2) span:nth-child(1)")
    browser.click("#correction button")
    browser.wait_for(_PROBLEM)
    assert "inkrow keys create" in browser.text("#problem")
    for told in ["#problem", "#key"]:  # both are far above the button
        browser.wait_for(_is_in_view(told))
    assert browser.run("return document.activeElement.id") == "key"
    browser.type("#key", service.client.headers["Authorization"].removeprefix("Bearer "))
    browser.click("#correction button")
    browser.wait_for("document.querySelector('#corrected').value")
    (correction,) = service.list("/corrections")
    assert (correction["text"], correction["level"]) == ("QTY 36 BIN C5", "row")


def test_a_corrected_row_is_shown_copied_and_saved_as_text_with_its_true_text(browser, service):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART"))
    browser.run(
        "navigator.clipboard.writeText = (text) => { window.copied = text; };"
        "URL.createObjectURL = (file) => { file.text().then((text) => { window.saved = text; }); return ''; };"
        "HTMLAnchorElement.prototype.click = () => {};"
    )
    browser.click("summary")
    browser.type("#key", service.client.headers["Authorization"].removeprefix("Bearer "))
    browser.click("#rows li:nth-child(4) span:nth-child(1)")
    browser.run("document.querySelector('#correction').elements.text.value = 'TEL O131 4960758'")
    browser.click("#correction button")
    browser.wait_for("document.querySelector('#corrected').value")
    told = browser.run("return document.querySelector('#corrected').value")
    assert told.startswith("Kept. It teaches the row as a whole, and each of its characters singly.")
    assert browser.text("#rows li:nth-child(4) ins") == "TEL O131 4960758"
    assert browser.text("#rows li:nth-child(4)").endswith("TEL 0131 496 0758")  # characters can still be looked at
    true = _TEXT.replace("TEL 0131 496 0758", "TEL O131 4960758")
    browser.click("#copy")
    assert browser.run("return window.copied") == true.rstrip("\n")
    browser.click("#save")
    browser.wait_for("window.saved !== undefined")
    assert browser.run("return window.saved") == true
    browser.click("#rows li:nth-child(1) span:nth-child(1)")
    browser.click("#rows li:nth-child(4) span:nth-of-type(1)")
    assert browser.run("return document.querySelector('#correction').elements.text.value") == "TEL O131 4960758"
    assert browser.complaints() == []


def test_of_a_corrected_row_it_is_told_why_some_characters_do_not_teach(browser, service):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART"))
    browser.click("summary")
    browser.type("#key", service.client.headers["Authorization"].removeprefix("Bearer "))
    browser.click("#rows li:nth-child(3) span:nth-child(1)")
    browser.run("document.querySelector('#correction').elements.text.value = 'DATE 14/108/2026'")
    browser.click("#correction button")
    browser.wait_for("document.querySelector('#corrected').value")
    told = browser.run("return document.querySelector('#corrected').value")
    assert " of its 15 characters singly: those whose place and ink are sure. " in told


def test_a_wrong_correction_is_taken_back_and_its_row_corrected_anew(browser, service):
    def correct(text, said):
        browser.run(f"document.querySelector('#correction').elements.text.value = {text!r}")
        browser.click("#correction button")
        browser.wait_for(f"{_IDLE} && {said}")

    kept, way_back = "document.querySelector('#corrected').value", "!document.querySelector('#take-back').hidden"
    browser.type("#file", str(_LIST))
    browser.wait_for(_reads("SHOPPING"))
    browser.click("summary")
    browser.type("#key", service.client.headers["Authorization"].removeprefix("Bearer "))
    browser.click("#rows li:nth-child(1) span:nth-child(1)")
    assert not browser.run(f"return {way_back}")
    correct("SHOPPING LISF", kept)
    assert browser.run(f"return {way_back}")
    correct("SHOPPING LIST", _PROBLEM)
    assert browser.run(f"return {kept}") == ""  # nothing more is said to be kept
    browser.type("#file", str(_LIST))  # read anew, the page knows nothing of what was corrected
    browser.wait_for(f"{_IDLE} && document.querySelector('#glyph').hidden")
    browser.click("#rows li:nth-child(1) span:nth-child(1)")
    assert not browser.run(f"return {way_back}")
    correct("SHOPPING LIST", _PROBLEM)
    browser.click("#take-back")
    browser.wait_for(f"{kept}.startsWith('Taken back')")
    assert not browser.run(f"return {way_back}")
    correct("SHOPPING LIST", f"{kept}.startsWith('Kept')")
    assert next(service.list("/corrections"))["text"] == "SHOPPING LIST"


def test_a_key_that_cannot_be_sent_is_told_like_a_wrong_one(browser):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART"))
    browser.click("summary")
    browser.run("document.querySelector('#key').value = 'inkrow_…'")  # as the field itself suggests
    browser.click("#rows li:nth-child(1) span:nth-child(1)")
    browser.click("#correction button")
    browser.wait_for(_PROBLEM)
    assert browser.text("#problem").startswith("This takes a valid key.")


def test_a_reading_that_was_refused_for_want_of_a_key_is_done_once_there_is_one(tmp_path):
    with Service(tmp_path / "service", settings={"open_reading": False}) as service, Browser() as browser:
        browser.open(f"http://127.0.0.1:{service.port}/")
        browser.type("#file", str(_LABEL))
        browser.wait_for(_PROBLEM)
        browser.type("#key", service.client.headers["Authorization"].removeprefix("Bearer ") + "\ue007")
        browser.wait_for(_reads("PART"))


def test_of_two_files_the_one_chosen_last_is_shown_with_its_name(browser):
    browser.run(
        "const late = window.fetch; let first = true; window.fetch = async (...request) => {"
        "const wait = first ? 1500 : 0; first = false; const answer = await late(...request);"
        "await new Promise((done) => setTimeout(done, wait)); return answer; }"
    )
    browser.type("#file", str(_LIST))
    browser.type("#file", str(_LABEL))
    browser.wait_for(f"{_IDLE}")
    assert browser.text("#rows").startswith("PART HX-2094-B7")
    assert browser.text("#chosen") == "parts_label.png"


def test_the_pages_of_a_file_are_turned_over(browser, tmp_path):
    pages = [Image.open(page).convert("L") for page in (_LIST, _LABEL)]
    pages[0].save(tmp_path / "two.pdf", save_all=True, append_images=pages[1:])
    browser.type("#file", str(tmp_path / "two.pdf"))
    browser.wait_for(_reads("SHOPPING LIST"))
    browser.click("#next")
    browser.wait_for(_reads("PART"))
    assert browser.text("#which") == "page 2 of 2"
    assert browser.run("return document.querySelector('#image').naturalWidth") > 0
    assert browser.complaints() == []


def _choose(browser, *files):
    browser.type("#file", "\n".join(map(str, files)))


def test_all_files_that_are_chosen_at_once_are_read(browser, tmp_path):
    pages = [Image.open(page).convert("L") for page in (_LIST, _LABEL)]
    pages[0].save(tmp_path / "two.pdf", save_all=True, append_images=pages[1:])
    (tmp_path / "other").mkdir()
    same = tmp_path / "other" / _LABEL.name  # as photos from a clipboard, all of which have one name
    same.write_bytes(_LABEL.read_bytes())
    _choose(browser, _LABEL, same, tmp_path / "two.pdf")
    browser.wait_for(_reads("PART"))
    assert browser.text("#chosen") == "3 files"
    names = []
    while True:
        browser.wait_for(_IDLE)
        names.append(browser.text("#which"))
        if browser.run("return document.querySelector('#next').disabled"):
            break
        browser.click("#next")
    assert names == [
        "file 1 of 3: parts_label.png",
        "file 2 of 3: parts_label.png",
        "file 3 of 3: two.pdf, page 1 of 2",
        "file 3 of 3: two.pdf, page 2 of 2",
    ]
    assert browser.text("#rows").startswith("PART")
    assert browser.complaints() == []


def test_more_files_are_read_than_one_request_may_have(browser, tmp_path):
    row = Image.open(_LABEL).crop((70, 60, 870, 200))
    scans = [tmp_path / f"scan{number}.png" for number in range(_MOST_FILES + 1)]
    for scan in scans:
        row.save(scan)
    scans[1].write_text("no picture")
    _choose(browser, *scans)
    browser.wait_for(f"/^Reading file [0-9]+ of {len(scans)}: scan/.test(document.querySelector('#state').innerText)")
    browser.wait_for(f"{_IDLE} && {_reads('PART HX-2094-B7')}")
    assert browser.text("#which") == f"file 1 of {len(scans)}: scan0.png"
    assert browser.text("#state").endswith("Not read: scan1.png.")


def _let_the_third_request_be(browser, outcome):
    """Answer so to the third request that is made, in JavaScript."""
    browser.run(
        "const real = window.fetch; window.asked = 0;"
        f"window.fetch = (...request) => (++window.asked === 3 ? {outcome} : real(...request))"
    )


def test_a_service_that_asks_to_wait_is_asked_again_and_what_was_read_is_kept(browser, tmp_path):
    problem = '\'{"title": "Too many requests"}\', { status: 429, headers: { "Retry-After": "1" } }'
    _let_the_third_request_be(browser, f"Promise.resolve(new Response({problem}))")
    scans = [tmp_path / f"scan{number}.png" for number in range(4)]
    for each in scans:
        each.write_bytes(_LABEL.read_bytes())
    _choose(browser, *scans)
    state = "document.querySelector('#state').innerText"
    browser.wait_for(f"{state} === 'Too many requests. Asking again in 1 s …'")
    browser.wait_for(f"{_IDLE} && {_reads('PART HX-2094-B7')}")
    assert browser.text("#which") == "file 1 of 4: scan0.png"
    assert browser.text("#state").startswith("Read in ")
    assert "Not read" not in browser.text("#state")
    assert browser.run("return window.asked") == 5


def test_what_was_read_before_the_service_was_gone_is_kept_and_the_rest_named(browser, tmp_path):
    _let_the_third_request_be(browser, "Promise.reject(new TypeError())")
    scans = [tmp_path / f"scan{number}.png" for number in range(4)]
    for each in scans:
        each.write_bytes(_LABEL.read_bytes())
    _choose(browser, *scans)
    browser.wait_for(f"{_IDLE} && {_reads('PART HX-2094-B7')}")
    assert browser.text("#state").endswith("Not read: scan2.png, scan3.png.")
    for _ in range(2):
        browser.click("#next")
        browser.wait_for(_IDLE)
    assert browser.text("#problem") == "The service cannot be reached."


def test_more_files_are_saved_than_one_request_may_have(browser, tmp_path):
    row = Image.open(_LABEL).crop((70, 60, 870, 200))
    scans = [tmp_path / f"scan{number}.png" for number in range(_MOST_FILES + 1)]
    for scan in scans:
        row.save(scan)
    _choose(browser, *scans)
    browser.wait_for(f"{_IDLE} && {_reads('PART HX-2094-B7')}")
    browser.run(
        "window.saved = [];"
        "URL.createObjectURL = (file) => { file.text().then((text) => window.saved.push(text)); return ''; };"
        "window.names = []; HTMLAnchorElement.prototype.click = function () { window.names.push(this.download); };"
        "document.querySelector('#format').value = 'json'"
    )
    browser.click("#save")
    browser.wait_for(f"{_IDLE} && window.saved.length === 2")
    assert browser.run("return window.names") == ["pages-1.json", "pages-2.json"]
    pages = "return window.saved.flatMap((part) => JSON.parse(part).pages.map(({ source }) => source.file))"
    assert browser.run(pages) == [scan.name for scan in scans]


def test_what_was_read_before_can_be_gone_through_while_other_files_are_read(browser, tmp_path):
    scan = Image.open(_LABEL)
    scan.save(tmp_path / "two.tif", save_all=True, append_images=[scan])
    _choose(browser, tmp_path / "two.tif")
    browser.wait_for(f"{_IDLE} && {_reads('PART HX-2094-B7')}")
    scans = [tmp_path / f"scan{number}.png" for number in range(12)]
    for each in scans:
        scan.save(each)
    _choose(browser, *scans)
    browser.wait_for("document.querySelector('#state').innerText.startsWith('Reading file 2')")
    browser.click("#next")
    browser.wait_for("document.querySelector('#which').innerText === 'page 2 of 2'")
    browser.wait_for(_IDLE)
    assert browser.text("#which") == "file 1 of 12: scan0.png"


def test_all_files_that_are_dropped_at_once_are_read(browser):
    browser.run(
        "const data = new DataTransfer(); window.done = Promise.all(['parts_label.png', 'shopping_list.jpg'].map("
        "async (name) => data.items.add(new File([name], name)))).then(() =>"
        "document.dispatchEvent(new DragEvent('drop', { dataTransfer: data })))"
    )
    browser.wait_for(_PROBLEM)  # they hold their names, which are no pictures
    assert browser.text("#which") == "file 1 of 2: parts_label.png"
    assert browser.text("#state") == "Not read: parts_label.png, shopping_list.jpg."


def test_what_is_in_doubt_is_gone_through_from_page_to_page_but_for_corrected_rows(browser, service, tmp_path):
    def go_on():
        browser.click("#doubtful")
        browser.wait_for(_IDLE)
        pixel = "document.querySelector('#crop').getContext('2d').getImageData(72, 72, 1, 1).data"
        assert browser.run(f"return {pixel}[3]"), "nothing is drawn of the character"
        return browser.text("#which")[-11:], browser.text("#sure")[:6]

    pages = [Image.open(_LABEL).convert("RGB"), Image.new("RGB", (800, 600), "white"), Image.open(_LIST)]
    pages[0].save(tmp_path / "three.tif", save_all=True, append_images=pages[1:])
    (tmp_path / "notes.txt").write_text("no picture")
    _choose(browser, tmp_path / "notes.txt", tmp_path / "three.tif")
    browser.wait_for(f"{_IDLE} && {_reads('PART')}")
    last = ("page 3 of 3", "3 with")
    assert [go_on() for _ in range(4)] == [("page 1 of 3", "B with"), ("page 3 of 3", "1 with"), last, last]
    assert browser.text("#state") == "From here to the end nothing else is in doubt."
    browser.click("summary")
    browser.type("#key", service.client.headers["Authorization"].removeprefix("Bearer "))
    browser.click("#correction button")
    browser.wait_for("document.querySelector('#corrected').value")
    browser.click("#rows li:nth-child(1) span:nth-child(1)")
    assert [go_on() for _ in range(2)] == 2 * [("page 3 of 3", "1 with")]  # no longer to the 3


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_it(browser, tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    _choose(browser, tmp_path / "notes.txt", _LABEL)
    browser.wait_for(_reads("PART HX-2094-B7"))
    assert browser.text("#which") == "file 2 of 2: parts_label.png"
    assert browser.text("#state").endswith("Not read: notes.txt.")
    browser.click("#previous")
    browser.wait_for(_PROBLEM)
    assert browser.text("#problem").startswith("Not an image: expected JPEG, ")
    assert browser.run("return document.querySelector('#content').hidden")
    browser.click("#next")
    browser.wait_for(f"{_IDLE} && {_reads('PART')}")
    browser.run(
        "URL.createObjectURL = (file) => { file.text().then((text) => window.saved.push(text)); return ''; };"
        "HTMLAnchorElement.prototype.click = function () { window.saved = [this.download]; }"
    )
    browser.click("#save")
    browser.wait_for("window.saved?.length === 2")
    assert browser.run("return window.saved") == ["parts_label.txt", _TEXT]


def test_what_was_read_before_a_refusal_is_marked_as_that_until_it_is_read_anew(browser):
    is_former = "document.querySelector('#reading').classList.contains('former')"
    browser.type("#file", str(_LABEL))
    browser.wait_for(f"{_IDLE} && {_reads('PART')}")
    assert not browser.run(f"return {is_former}")
    browser.click("summary")
    browser.type("[name=pattern]", "[A-Z\ue007")  # Enter
    browser.wait_for(_PROBLEM)
    assert browser.run(f"return {is_former}")
    assert browser.text("#state") == "Below is what was read before."
    browser.run("document.querySelector('[name=pattern]').value = ''")
    browser.type("[name=alphabet]", "0123456789\ue007")
    browser.wait_for(f"{_IDLE} && !({is_former})")
    assert browser.text("#state").startswith("Read in ")


def test_what_is_no_picture_is_refused_and_what_was_read_before_stays(browser, tmp_path):
    browser.type("#file", str(_LABEL))
    browser.wait_for(_reads("PART"))
    (tmp_path / "notes.txt").write_text("no picture")
    browser.type("#file", str(tmp_path / "notes.txt"))
    browser.wait_for(_PROBLEM)
    assert browser.text("#problem").startswith("Not an image: expected JPEG, ")
    assert browser.text("#rows").startswith("PART HX-2094-B7")
    assert browser.text("#chosen") == "parts_label.png"
