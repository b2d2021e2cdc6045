"""The page in a real browser: a file is read, looked at, corrected; what cannot be done is told."""

from __future__ import annotations

import pytest

from bench.service import Service
from tests.services.browser import Browser
from tests.services.page import IDLE, LABEL, LIST, PROBLEM, TEXT, reads

pytestmark = pytest.mark.service


def _is_in_view(selector):
    place = f"document.querySelector({selector!r}).getBoundingClientRect()"
    return f"{place}.height && {place}.top >= 0 && {place}.bottom <= innerHeight"


def test_a_file_is_read_and_each_character_shows_what_else_it_may_be(browser):
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART HX-2094-B7"))
    assert browser.run("return document.querySelectorAll('#boxes rect.glyph').length") == len("".join(TEXT.split()))
    browser.click("#rows li:nth-child(1) span:nth-child(3)")
    assert browser.text("#sure").startswith("R with ")
    assert browser.text("#alternatives button")
    assert browser.run("return document.querySelector('#boxes rect.selected').dataset.number") == "2"
    browser.type("#rows", "\ue014")  # the right arrow
    assert browser.text("#sure").startswith("T with ")
    assert browser.run("return document.querySelector('#correction').elements.text.value") == "PART HX-2094-B7"
    assert browser.complaints() == []


def test_a_character_tells_why_it_was_read_so(browser):
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART"))
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
        browser.wait_for(f"document.querySelector('#description').textContent && {IDLE}")
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
    browser.wait_for(f"document.querySelector('#confusion').naturalWidth && {IDLE}")
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
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART"))
    browser.click("summary")
    browser.type("[name=alphabet]", "0123456789\ue007")  # Enter
    browser.wait_for(f"{IDLE} && /^[0-9\\s]+$/.test(document.querySelector('#rows').innerText)")
    assert browser.complaints() == []


def test_how_sure_a_character_has_to_be_is_asked_for_in_percent(browser):
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART HX-2094-B7"))
    browser.click("summary")
    browser.type("[name=abstain_below]", "80\ue007")  # Enter
    browser.wait_for(f"{IDLE} && {reads('PART HX-2094-?7')}")
    assert browser.complaints() == []


def test_a_row_is_corrected_with_a_key_and_without_one_the_page_says_what_is_missing(browser, service):
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART"))
    browser.click("#rows li:nth-child(2) span:nth-child(1)")
    browser.click("#correction button")
    browser.wait_for(PROBLEM)
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
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART"))
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
    true = TEXT.replace("TEL 0131 496 0758", "TEL O131 4960758")
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
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART"))
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
        browser.wait_for(f"{IDLE} && {said}")

    kept, way_back = "document.querySelector('#corrected').value", "!document.querySelector('#take-back').hidden"
    browser.type("#file", str(LIST))
    browser.wait_for(reads("SHOPPING"))
    browser.click("summary")
    browser.type("#key", service.client.headers["Authorization"].removeprefix("Bearer "))
    browser.click("#rows li:nth-child(1) span:nth-child(1)")
    assert not browser.run(f"return {way_back}")
    correct("SHOPPING LISF", kept)
    assert browser.run(f"return {way_back}")
    correct("SHOPPING LIST", PROBLEM)
    assert browser.run(f"return {kept}") == ""  # nothing more is said to be kept
    browser.type("#file", str(LIST))  # read anew, the page knows nothing of what was corrected
    browser.wait_for(f"{IDLE} && document.querySelector('#glyph').hidden")
    browser.click("#rows li:nth-child(1) span:nth-child(1)")
    assert not browser.run(f"return {way_back}")
    correct("SHOPPING LIST", PROBLEM)
    browser.click("#take-back")
    browser.wait_for(f"{kept}.startsWith('Taken back')")
    assert not browser.run(f"return {way_back}")
    correct("SHOPPING LIST", f"{kept}.startsWith('Kept')")
    assert next(service.list("/corrections"))["text"] == "SHOPPING LIST"


def test_a_key_that_cannot_be_sent_is_told_like_a_wrong_one(browser):
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART"))
    browser.click("summary")
    browser.run("document.querySelector('#key').value = 'inkrow_…'")  # as the field itself suggests
    browser.click("#rows li:nth-child(1) span:nth-child(1)")
    browser.click("#correction button")
    browser.wait_for(PROBLEM)
    assert browser.text("#problem").startswith("This takes a valid key.")


def test_a_reading_that_was_refused_for_want_of_a_key_is_done_once_there_is_one(tmp_path):
    with Service(tmp_path / "service", settings={"open_reading": False}) as service, Browser() as browser:
        browser.open(f"http://127.0.0.1:{service.port}/")
        browser.type("#file", str(LABEL))
        browser.wait_for(PROBLEM)
        browser.type("#key", service.client.headers["Authorization"].removeprefix("Bearer ") + "\ue007")
        browser.wait_for(reads("PART"))
