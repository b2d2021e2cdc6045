"""Figures that are a date or a time are likelier than others."""

from __future__ import annotations

from math import log

import pytest

from app.ocr.priors.date_forms import DATED, FIGURES, FORMS, log_gain, probability


def test_the_forms_are_all_there_are():
    assert sum(form.share for form in FORMS) == pytest.approx(1)


@pytest.mark.parametrize("begun", ["", "1", "12", "0", "04/", "12.1", "2015-0", "17:", "1.2.3"])
def test_what_goes_on_and_what_ends_make_up_all_that_began(begun):
    goes_on = sum(probability(begun + char, ended=False) for char in FIGURES)
    assert goes_on + probability(begun, ended=True) == pytest.approx(probability(begun, ended=False))


@pytest.mark.parametrize(
    "date", ["28.10.25", "1.2.34", "04/05/2015", "10/28/25", "2015-05-04", "2015/05/04", "7:26", "17:26", "00:00"]
)
def test_a_date_gains(date):
    assert log_gain(date, ended=True) > 1


@pytest.mark.parametrize("figures", ["04105", "32/13/2015", "24:00", "17:60", "12.50", "1/2", "4.935", "28.10-25", "-"])
def test_other_figures_lose_no_more_than_that_they_might_have_been_dates(figures):
    assert log(1 - DATED) <= log_gain(figures, ended=True) <= 0


def test_the_longer_a_beginning_is_that_of_a_date_the_surer_it_is_one():
    gains = [log_gain("2015-05-04"[:length], ended=False) for length in range(5, 11)]
    assert gains == sorted(gains)


def test_a_date_may_end_a_sentence():
    assert log_gain("28.10.25.", ended=False) > 1
    assert log_gain("28.10.35.2", ended=False) < 0
