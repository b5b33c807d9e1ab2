package certs

// Look reads the files and takes them into use when they hold something new,
// and held the same at the look before: a certificate may be written before
// its key. It reports whether it swapped. Files that can not be used are an
// error once for each content; the pair in use stays, and they are tried again
// at each look, since what is valid only from tomorrow is valid tomorrow.
//
// Called every few seconds, it notices a change within two calls.
func (p *Pair) Look() (swapped bool, err error) {
	sum := p.lookSum()
	if sum == p.current.Load().sum {
		p.pending, p.refused = digest{}, digest{}
		return false, nil
	}
	if sum != p.pending {
		p.pending = sum
		return false, nil
	}
	err = p.Reload()
	if err == nil || p.refused == sum {
		return err == nil, nil
	}
	p.refused = sum
	return false, err
}

// lookSum is the digest of what the files hold. One that can not be read
// counts as empty: loading them says why.
func (p *Pair) lookSum() digest {
	var files [3][]byte
	for i, path := range []string{p.config.Cert, p.config.Key, p.config.ClientCA} {
		if path == "" {
			continue
		}
		if data, err := read(path, false); err == nil {
			files[i] = data
		}
	}
	defer clear(files[1])
	return digestOf(files[:]...)
}
