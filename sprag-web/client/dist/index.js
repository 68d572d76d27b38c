import{a,b}from"./shared-BPEWGL7R.js";export{a as Refused,b as store};
