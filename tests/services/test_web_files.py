"""The page in a real browser with many files: each is read, shown and saved, whatever becomes of the others."""

from __future__ import annotations

import pytest
from PIL import Image

from app.config import Settings
from tests.services.page import IDLE, LABEL, LIST, PROBLEM, TEXT, reads

pytestmark = pytest.mark.service

_MOST_FILES = Settings().max_files


def test_of_two_files_the_one_chosen_last_is_shown_with_its_name(browser):
    browser.run(
        "const late = window.fetch; let first = true; window.fetch = async (...request) => {"
        "const wait = first ? 1500 : 0; first = false; const answer = await late(...request);"
        "await new Promise((done) => setTimeout(done, wait)); return answer; }"
    )
    browser.type("#file", str(LIST))
    browser.type("#file", str(LABEL))
    browser.wait_for(f"{IDLE}")
    assert browser.text("#rows").startswith("PART HX-2094-B7")
    assert browser.text("#chosen") == "parts_label.png"


def test_the_pages_of_a_file_are_turned_over(browser, tmp_path):
    pages = [Image.open(page).convert("L") for page in (LIST, LABEL)]
    pages[0].save(tmp_path / "two.pdf", save_all=True, append_images=pages[1:])
    browser.type("#file", str(tmp_path / "two.pdf"))
    browser.wait_for(reads("SHOPPING LIST"))
    browser.click("#next")
    browser.wait_for(reads("PART"))
    assert browser.text("#which") == "page 2 of 2"
    assert browser.run("return document.querySelector('#image').naturalWidth") > 0
    assert browser.complaints() == []


def _choose(browser, *files):
    browser.type("#file", "\n".join(map(str, files)))


def test_all_files_that_are_chosen_at_once_are_read(browser, tmp_path):
    pages = [Image.open(page).convert("L") for page in (LIST, LABEL)]
    pages[0].save(tmp_path / "two.pdf", save_all=True, append_images=pages[1:])
    (tmp_path / "other").mkdir()
    same = tmp_path / "other" / LABEL.name  # as photos from a clipboard, all of which have one name
    same.write_bytes(LABEL.read_bytes())
    _choose(browser, LABEL, same, tmp_path / "two.pdf")
    browser.wait_for(reads("PART"))
    assert browser.text("#chosen") == "3 files"
    names = []
    while True:
        browser.wait_for(IDLE)
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
    row = Image.open(LABEL).crop((70, 60, 870, 200))
    scans = [tmp_path / f"scan{number}.png" for number in range(_MOST_FILES + 1)]
    for scan in scans:
        row.save(scan)
    scans[1].write_text("no picture")
    _choose(browser, *scans)
    browser.wait_for(f"/^Reading file [0-9]+ of {len(scans)}: scan/.test(document.querySelector('#state').innerText)")
    browser.wait_for(f"{IDLE} && {reads('PART HX-2094-B7')}")
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
        each.write_bytes(LABEL.read_bytes())
    _choose(browser, *scans)
    state = "document.querySelector('#state').innerText"
    browser.wait_for(f"{state} === 'Too many requests. Asking again in 1 s …'")
    browser.wait_for(f"{IDLE} && {reads('PART HX-2094-B7')}")
    assert browser.text("#which") == "file 1 of 4: scan0.png"
    assert browser.text("#state").startswith("Read in ")
    assert "Not read" not in browser.text("#state")
    assert browser.run("return window.asked") == 5


def test_what_was_read_before_the_service_was_gone_is_kept_and_the_rest_named(browser, tmp_path):
    _let_the_third_request_be(browser, "Promise.reject(new TypeError())")
    scans = [tmp_path / f"scan{number}.png" for number in range(4)]
    for each in scans:
        each.write_bytes(LABEL.read_bytes())
    _choose(browser, *scans)
    browser.wait_for(f"{IDLE} && {reads('PART HX-2094-B7')}")
    assert browser.text("#state").endswith("Not read: scan2.png, scan3.png.")
    for _ in range(2):
        browser.click("#next")
        browser.wait_for(IDLE)
    assert browser.text("#problem") == "The service cannot be reached."


def test_more_files_are_saved_than_one_request_may_have(browser, tmp_path):
    row = Image.open(LABEL).crop((70, 60, 870, 200))
    scans = [tmp_path / f"scan{number}.png" for number in range(_MOST_FILES + 1)]
    for scan in scans:
        row.save(scan)
    _choose(browser, *scans)
    browser.wait_for(f"{IDLE} && {reads('PART HX-2094-B7')}")
    browser.run(
        "window.saved = [];"
        "URL.createObjectURL = (file) => { file.text().then((text) => window.saved.push(text)); return ''; };"
        "window.names = []; HTMLAnchorElement.prototype.click = function () { window.names.push(this.download); };"
        "document.querySelector('#format').value = 'json'"
    )
    browser.click("#save")
    browser.wait_for(f"{IDLE} && window.saved.length === 2")
    assert browser.run("return window.names") == ["pages-1.json", "pages-2.json"]
    pages = "return window.saved.flatMap((part) => JSON.parse(part).pages.map(({ source }) => source.file))"
    assert browser.run(pages) == [scan.name for scan in scans]


def test_what_was_read_before_can_be_gone_through_while_other_files_are_read(browser, tmp_path):
    scan = Image.open(LABEL)
    scan.save(tmp_path / "two.tif", save_all=True, append_images=[scan])
    _choose(browser, tmp_path / "two.tif")
    browser.wait_for(f"{IDLE} && {reads('PART HX-2094-B7')}")
    scans = [tmp_path / f"scan{number}.png" for number in range(12)]
    for each in scans:
        scan.save(each)
    _choose(browser, *scans)
    browser.wait_for("document.querySelector('#state').innerText.startsWith('Reading file 2')")
    browser.click("#next")
    browser.wait_for("document.querySelector('#which').innerText === 'page 2 of 2'")
    browser.wait_for(IDLE)
    assert browser.text("#which") == "file 1 of 12: scan0.png"


def test_all_files_that_are_dropped_at_once_are_read(browser):
    browser.run(
        "const data = new DataTransfer(); window.done = Promise.all(['parts_label.png', 'shopping_list.jpg'].map("
        "async (name) => data.items.add(new File([name], name)))).then(() =>"
        "document.dispatchEvent(new DragEvent('drop', { dataTransfer: data })))"
    )
    browser.wait_for(PROBLEM)  # they hold their names, which are no pictures
    assert browser.text("#which") == "file 1 of 2: parts_label.png"
    assert browser.text("#state") == "Not read: parts_label.png, shopping_list.jpg."


def test_what_is_in_doubt_is_gone_through_from_page_to_page_but_for_corrected_rows(browser, service, tmp_path):
    def go_on():
        browser.click("#doubtful")
        browser.wait_for(IDLE)
        pixel = "document.querySelector('#crop').getContext('2d').getImageData(72, 72, 1, 1).data"
        assert browser.run(f"return {pixel}[3]"), "nothing is drawn of the character"
        return browser.text("#which")[-11:], browser.text("#sure")[:6]

    pages = [Image.open(LABEL).convert("RGB"), Image.new("RGB", (800, 600), "white"), Image.open(LIST)]
    pages[0].save(tmp_path / "three.tif", save_all=True, append_images=pages[1:])
    (tmp_path / "notes.txt").write_text("no picture")
    _choose(browser, tmp_path / "notes.txt", tmp_path / "three.tif")
    browser.wait_for(f"{IDLE} && {reads('PART')}")
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
    _choose(browser, tmp_path / "notes.txt", LABEL)
    browser.wait_for(reads("PART HX-2094-B7"))
    assert browser.text("#which") == "file 2 of 2: parts_label.png"
    assert browser.text("#state").endswith("Not read: notes.txt.")
    browser.click("#previous")
    browser.wait_for(PROBLEM)
    assert browser.text("#problem").startswith("Not an image: expected JPEG, ")
    assert browser.run("return document.querySelector('#content').hidden")
    browser.click("#next")
    browser.wait_for(f"{IDLE} && {reads('PART')}")
    browser.run(
        "URL.createObjectURL = (file) => { file.text().then((text) => window.saved.push(text)); return ''; };"
        "HTMLAnchorElement.prototype.click = function () { window.saved = [this.download]; }"
    )
    browser.click("#save")
    browser.wait_for("window.saved?.length === 2")
    assert browser.run("return window.saved") == ["parts_label.txt", TEXT]


def test_what_was_read_before_a_refusal_is_marked_as_that_until_it_is_read_anew(browser):
    is_former = "document.querySelector('#reading').classList.contains('former')"
    browser.type("#file", str(LABEL))
    browser.wait_for(f"{IDLE} && {reads('PART')}")
    assert not browser.run(f"return {is_former}")
    browser.click("summary")
    browser.type("[name=pattern]", "[A-Z\ue007")  # Enter
    browser.wait_for(PROBLEM)
    assert browser.run(f"return {is_former}")
    assert browser.text("#state") == "Below is what was read before."
    browser.run("document.querySelector('[name=pattern]').value = ''")
    browser.type("[name=alphabet]", "0123456789\ue007")
    browser.wait_for(f"{IDLE} && !({is_former})")
    assert browser.text("#state").startswith("Read in ")


def test_what_is_no_picture_is_refused_and_what_was_read_before_stays(browser, tmp_path):
    browser.type("#file", str(LABEL))
    browser.wait_for(reads("PART"))
    (tmp_path / "notes.txt").write_text("no picture")
    browser.type("#file", str(tmp_path / "notes.txt"))
    browser.wait_for(PROBLEM)
    assert browser.text("#problem").startswith("Not an image: expected JPEG, ")
    assert browser.text("#rows").startswith("PART HX-2094-B7")
    assert browser.text("#chosen") == "parts_label.png"
