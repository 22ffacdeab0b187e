/* SPDX-License-Identifier: Apache-2.0 */
/* The least that a C program can cost: what every ratio of the benchmark is a multiple of. */
int main(void)
{
	return 0;
}
