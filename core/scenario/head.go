package scenario

import "time"

// headFields returns the keys of what follows the version, in canonical order. A continue line has them, too.
func headFields() []string { return []string{"part", "of", "run", "origin"} }

// appendFields appends the fields of the head.
func (h *Head) appendFields(b []byte) []byte {
	b = h.appendIdentity(b)
	if year := h.Origin.UTC().Year(); !h.Origin.IsZero() && year >= 0 && year < 10_000 { // others have no text form
		b = appendKey(b, "origin")
		b = h.Origin.UTC().AppendFormat(b, time.RFC3339Nano)
	}
	return b
}

// appendIdentity appends the fields that say which scenario is meant.
func (h *Head) appendIdentity(b []byte) []byte {
	b = appendUintField(b, "part", h.Part, 0)
	if h.Of != "" {
		b = appendName(appendKey(b, "of"), h.Of)
	}
	return appendUintField(b, "run", uint64(h.Run), 0)
}

// complete adds what is known of another head.
func (h *Head) complete(with Head) {
	if with.Of != "" {
		h.Of = with.Of
	}
	if with.Run != 0 {
		h.Run = with.Run
	}
	if !with.Origin.IsZero() {
		h.Origin = with.Origin
	}
}

func parseHead(tokens []token) (Head, error) {
	var h Head
	err := parseFields(tokens, headFields(), func(f field) (err error) {
		switch f.key.text {
		case "part":
			return setUint(f, 64, &h.Part)
		case "of":
			h.Of, err = parseName(f.value)
		case "run":
			return setUint(f, 64, &h.Run)
		default:
			h.Origin, err = parseDate(f.value)
		}
		return err
	})
	return h, err
}

func parseDate(t token) (time.Time, error) {
	date, err := time.Parse(time.RFC3339Nano, t.text)
	if err != nil {
		return time.Time{}, t.fail("not a date such as 2026-11-28T03:51:34.5Z", err)
	}
	return date.UTC(), nil
}
