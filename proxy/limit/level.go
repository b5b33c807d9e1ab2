package limit

// Level is the throughput that Meta gives a number (whatsapp.md 3.10). The zero
// value is Standard.
type Level int

// Levels of throughput.
const (
	Standard Level = iota
	High           // upgraded by Meta itself
	Beside         // also used with the WhatsApp Business app
)

// rate is in messages a second.
func (v Level) rate() float64 { return [...]float64{80, 1000, 20}[v] }

// SetLevel says what Meta gives a number.
func (l *Limiter) SetLevel(number string, v Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.levels[number] = v
}

// paceOf is the pace of a number: Meta's, or the configuration's if that is
// slower. The latter at 0 asks for none.
func (l *Limiter) paceOf(number string) pace {
	if l.cfg.PerNumber <= 0 {
		return pace{}
	}
	return bySecond(min(l.cfg.PerNumber, l.levels[number].rate()))
}
