package web

// Looks returns 1 if the page's goroutine is to look at the tree, which it does while there are streams.
func (p *Page) Looks() int {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	if p.live.quit != nil {
		return 1
	}
	return 0
}
