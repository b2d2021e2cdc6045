"""What is drawn or printed, and not written: rules, boxes, combs, dotted lines, crossings-out."""
